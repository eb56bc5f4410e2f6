"""What 64 who look on cost the others: requests a second of /hi?delay=0 without and with them, one loop, in
turns, so that what else the machine does hits both. Fails where the median of the ratios is under 0.9.

  /usr/bin/python3 -B bench/viewers.py build/release/awaitd
"""
import json
import re
import statistics
import subprocess
import sys
import time

ROUNDS, SECONDS, VIEWERS, LEAST = 5, 4, 64, 0.9


def requests_a_second(binary, viewers):
    awaitd = subprocess.Popen([binary, "--host", "127.0.0.1", "--port", "0", "--threads", "1", "--log", "json"], stdout=subprocess.PIPE, text=True)
    url = json.loads(awaitd.stdout.readline())["address"]
    drain = subprocess.Popen(["cat"], stdin=awaitd.stdout, stdout=subprocess.DEVNULL)
    looking = [subprocess.Popen(["curl", "-sN", "-o", "/dev/null", url + "/events"]) for _ in range(viewers)]
    time.sleep(0.5)
    told = subprocess.run(["wrk", "-t1", "-c64", f"-d{SECONDS}", url + "/hi?delay=0"], capture_output=True, text=True, check=True).stdout
    for one in looking:
        one.kill()
        one.wait()
    awaitd.terminate()
    awaitd.wait()
    drain.wait()
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told).group(1))


def main(binary):
    ratios = []
    for _ in range(ROUNDS):
        without, with_them = requests_a_second(binary, 0), requests_a_second(binary, VIEWERS)
        ratios.append(with_them / without)
        print(f"{without:.0f} requests/s, with {VIEWERS} who look on {with_them:.0f}: {ratios[-1]:.3f}")
    median = statistics.median(ratios)
    print(f"median {median:.3f}")
    return 0 if median >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
