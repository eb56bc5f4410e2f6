"""requests, as it comes."""
import sys
import threading
import time

import requests

import contract

MODE, BASE = sys.argv[1:3]


def session():
    made = requests.Session()
    made.verify = "cert.pem"
    made.trust_env = False  # REQUESTS_CA_BUNDLE would win
    return made


def arrivals(asking):
    began = time.monotonic()
    with asking.get(BASE + contract.TEXT, stream=True) as answer:
        return [time.monotonic() - began for _ in answer.iter_content(None)]


def ask():
    asking = session()
    return {
        "statuses": [asking.request(method, BASE + path, data=body).status_code
                     for method, path, body in contract.ORDINARY],
        "large": len(asking.get(BASE + contract.LARGE).json()["output"]),
        "arrivals": arrivals(asking),
    }


def upload():
    asking = session()
    return {"statuses": [asking.post(BASE + "/hi", data=contract.TOO_LARGE).status_code for _ in range(10)]}


def be_client(outcomes, is_over):
    asking = session()
    while not is_over.is_set():
        for method, path, body in contract.LOAD:
            try:
                outcomes.append(str(asking.request(method, BASE + path, data=body).status_code))
            except requests.RequestException as error:
                outcomes.append(repr(error))


def load():
    outcomes, is_over = [], threading.Event()
    threads = [threading.Thread(target=be_client, args=(outcomes, is_over)) for _ in range(8)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    is_over.set()
    for thread in threads:
        thread.join()
    return contract.counted(outcomes)


contract.answer({"ask": ask, "upload": upload, "load": load}[MODE]())
