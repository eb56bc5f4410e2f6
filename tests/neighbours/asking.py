"""A client that retries nothing and hides nothing."""
import collections
import http.client
import itertools
import socket
import threading
import time

TIMEOUT_S = 30


def connect(port, source=None):
    return http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S, source_address=source)


def ask_on(connection, method, path, body=None):
    """(status, headers, body). Who is answered before he has sent all still reads the answer."""
    try:
        connection.request(method, path, body)
    except (BrokenPipeError, ConnectionResetError):
        pass
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def ask(port, path, method="GET", body=None, source=None):
    connection = connect(port, source)
    try:
        return ask_on(connection, method, path, body)
    finally:
        connection.close()


def begin(port, path):
    """A request on a socket of its own, which is the caller's to close."""
    client = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    return client


def arrivals(port, path):
    """When the pieces of an answer came, in seconds from the request on, the head aside."""
    client, began, times, is_head = begin(port, path), time.monotonic(), [], True
    with client:
        while piece := client.recv(65536):
            if is_head:
                _, end, piece = piece.partition(b"\r\n\r\n")
                is_head = not end
            if piece:
                times.append(time.monotonic() - began)
    return times


class Load:
    """Clients that ask in turns, each on one connection, from `with` to its end. What came of it:
    `outcomes`, by status or by what went wrong."""

    def __init__(self, port, requests, clients=4):
        self.outcomes = collections.Counter()
        self._port, self._requests = port, requests
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._be_client) for _ in range(clients)]

    def _be_client(self):
        connection = connect(self._port)
        for method, path, body in itertools.cycle(self._requests):
            if self._is_over.is_set():
                break
            try:
                outcome = ask_on(connection, method, path, body)[0]
            except (OSError, http.client.HTTPException) as error:
                outcome = repr(error)
                connection.close()
            self.outcomes[outcome] += 1  # the interpreter's lock makes a miscount rare, a loss impossible
        connection.close()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception):
        self._is_over.set()
        for thread in self._threads:
            thread.join()
