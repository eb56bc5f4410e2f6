"""What the clients in Python ask, as those in other languages do."""
import collections
import json

ORDINARY = 10 * [("GET", "/hi?delay=0", None), ("POST", "/hi", b"hi"), ("HEAD", "/hi?delay=0", None)]
LARGE = "/parallel?count=1000&delay=1ms&timeline=true"
TEXT = "/sequence?count=3&delay=400ms&format=text"
TOO_LARGE = b"x" * 1_000_000
LOAD = [("GET", "/hi?delay=5ms", None), ("POST", "/hi", b"hi")]


def counted(outcomes):
    return {"outcomes": collections.Counter(outcomes)}


def answer(document):
    print(json.dumps(document))
