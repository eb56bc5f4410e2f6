"""Offences that are planted in a copy of the house are found by rooms.py, and named."""
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import rooms

SOURCES = Path(__file__).resolve().parent.parent
OBJECTS = Path(sys.argv.pop(1))
TOPS = ("async", "config", "handlers", "plans", "server", "text", "views")


class Planted(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.copy = Path(folder.name, "sources")
        self.objects = Path(folder.name, "objects")
        for top in TOPS:
            shutil.copytree(SOURCES / top, self.copy / top)

    def plant(self, path, text):
        with open(self.copy / path, "a", encoding="utf-8") as file:
            file.write(text)

    def expect(self, *words, objects=OBJECTS):
        found = list(rooms.offences(self.copy, objects))
        self.assertTrue(any(all(word in line for word in words) for line in found), found)

    def compile(self, unit, text):
        target = self.objects / "CMakeFiles/awaitd_server.dir" / f"{unit}.c.o"
        target.parent.mkdir(parents=True, exist_ok=True)
        self.plant(f"{unit}.c", text)
        subprocess.run(["cc", "-x", "c", "-c", "-o", target, "-"], input=text, text=True, check=True)

    def test_the_house_as_it_stands(self):
        self.assertEqual(list(rooms.offences(self.copy, OBJECTS)), [])

    def test_an_include_upward(self):
        self.plant("server/loop/connection.c", '#include "server/api/routes.h"\n')
        self.expect("server/loop/connection.c includes server/api/routes.h")

    def test_an_include_out_of_the_server(self):
        self.plant("handlers/hi.c", '#include "server/base/list.h"\n')
        self.expect("handlers/hi.c includes server/base/list.h")

    def test_a_view_that_knows_of_coroutines(self):
        self.plant("views/text.c", '#include "handlers/run.h"\n')
        self.expect("views/text.c includes handlers/run.h")

    def test_a_library_where_none_may_be(self):
        self.plant("async/task.c", "#include <h2o.h>\n")
        self.expect("async/task.c includes h2o.h")
        self.plant("async/loop.c", "#include <uv.h>\n")
        self.expect("async/loop.c includes uv.h")

    def test_h2o_in_a_test(self):
        (self.copy / "tests").mkdir()
        self.plant("tests/some_test.c", "#include <h2o/http1.h>\n")
        self.expect("tests/some_test.c includes h2o/http1.h")

    def test_a_circle_of_includes_in_one_room(self):
        self.plant("text/put.h", '#include "text/duration.h"\n')
        self.plant("text/duration.h", '#include "text/put.h"\n')
        self.expect("a circle of 2", "text/duration -> text/put", "text/put -> text/duration")

    def test_a_call_upward_without_an_include(self):
        self.compile("server/loop/low", "void high(void); void low(void) { high(); }")
        self.compile("server/api/high", "void high(void) {}")
        self.expect("server/loop/low.c uses high() of server/api/high.c", objects=self.objects)

    def test_an_address_upward(self):
        self.compile("server/loop/low", "void high(void); void (*low)(void) = high;")
        self.compile("server/api/high", "void high(void) {}")
        self.expect("server/loop/low.c uses high() of server/api/high.c", objects=self.objects)

    def test_a_circle_of_calls_in_one_room(self):
        self.compile("server/http/a", "void b(void); void a(void) { b(); }")
        self.compile("server/http/b", "void a(void); void b(void) { a(); }")
        self.expect("a circle of 2", "server/http/a -> server/http/b", objects=self.objects)

    def test_no_objects_is_no_all_clear(self):
        self.expect("has no object files", objects=self.objects)


if __name__ == "__main__":
    unittest.main()
