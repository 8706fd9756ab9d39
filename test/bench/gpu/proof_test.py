"""The parts of prove.py that need no GPU; run by proof.test.ts with bench/gpu on the path."""

import contextlib
import io
import json
import os
import sys
import tempfile
import time
import unittest
from pathlib import Path

import prove
from proof.arguments import parse_options
from proof.bundle import PROGRAM, prepare_application
from proof.libraries import (
    Found,
    Wanted,
    candidate_folders,
    find,
    make_aliases,
    parse_loader_cache,
)
from proof.machine import Python, find_pythons, python_with_torch
from proof.results import Results
from proof.shares import WEIGHTS, share
from proof.steps import Outcome, run_step
from proof.tables import facts_table, rows_table, steps_table

BLAS = Wanted("libcublas.so.12", "libcublas.so.13")


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def file(self, *parts, text=""):
        path = self.folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


class Libraries(InFolder):
    def test_name_of_cuda_12_is_taken_before_a_substitute(self):
        newer = self.file("new", "libcublas.so.13")
        older = self.file("old", "libcublas.so.12")
        found = find(BLAS, [newer.parent, older.parent], {})
        self.assertEqual((found.path, found.is_alias()), (str(older), False))

    def test_cuda_13_stands_in_under_the_name_of_cuda_12(self):
        newer = self.file("cu13", "lib", "libcublas.so.13", text="thirteen")
        found = find(BLAS, [newer.parent], {})
        self.assertTrue(found.is_alias())
        aliases = make_aliases([found, Found(Wanted("libnone.so.1"), "")], self.folder / "c")
        self.assertEqual([path.name for path in aliases.iterdir()], ["libcublas.so.12"])
        self.assertEqual((aliases / "libcublas.so.12").read_text(), "thirteen")

    def test_a_library_that_is_nowhere_is_said_to_be(self):
        self.assertEqual(find(BLAS, [self.folder], {}).facts()["found at"], "nowhere")

    def test_the_runtime_has_no_substitute(self):
        self.file("libcudart.so.13")
        self.assertEqual(find(Wanted("libcudart.so.12"), [self.folder], {}).path, "")

    def test_cache_of_the_loader_is_read_for_this_architecture(self):
        text = (
            "2 libs found in cache `/etc/ld.so.cache'\n"
            "\tlibcuda.so.1 (libc6) => /usr/lib32/libcuda.so.1\n"
            "\tlibcuda.so.1 (libc6,x86-64) => /usr/lib/libcuda.so.1\n"
            "\tlibcuda.so.1 (libc6,x86-64, OS ABI: Linux 2.6.32) => /other/libcuda.so.1\n"
        )
        self.assertEqual(parse_loader_cache(text), {"libcuda.so.1": "/usr/lib/libcuda.so.1"})

    def test_both_layouts_of_wheels_are_searched_after_what_the_environment_names(self):
        for part in ("nvidia/cudnn/lib", "nvidia/cu13/lib", "named", "cuda/lib64"):
            self.file(part, "x")
        env = {"LD_LIBRARY_PATH": f"{self.folder}/named:", "CUDA_HOME": f"{self.folder}/cuda"}
        pythons = [Python("python3", (f"{self.folder}/nvidia",), False)]
        found = [str(path) for path in candidate_folders(pythons, env)]
        expected = ["named", "nvidia/cu13/lib", "nvidia/cudnn/lib", "cuda/lib64"]
        self.assertEqual(found[:4], [f"{self.folder}/{part}" for part in expected])

    def test_path_names_aliases_first_and_no_folder_that_the_loader_knows(self):
        found = [
            Found(BLAS, "/w/cu13/lib/libcublas.so.13"),
            Found(Wanted("libcudnn.so.9"), "/w/cudnn/lib/libcudnn.so.9"),
            Found(Wanted("libcuda.so.1"), "/usr/lib/libcuda.so.1", known_to_loader=True),
            Found(Wanted("libcufft.so.11"), ""),
        ]
        with contextlib.ExitStack() as stack:
            before = os.environ.get("LD_LIBRARY_PATH")
            stack.callback(restore, "LD_LIBRARY_PATH", before)
            os.environ["LD_LIBRARY_PATH"] = "/given"
            path = prove.library_path(found, Path("/c"))
        self.assertEqual(path, "/c:/w/cu13/lib:/w/cudnn/lib:/given")


def restore(name, value):
    if value is None:
        del os.environ[name]
    else:
        os.environ[name] = value


class Pythons(InFolder):
    def test_those_on_path_are_asked_and_what_is_none_is_left_out(self):
        broken = self.file("python3", text="#!/bin/sh\nexit 1\n")
        broken.chmod(0o755)
        (self.folder / "python3.11").symlink_to(sys.executable)
        found = [python.path for python in find_pythons(str(self.folder))]
        self.assertEqual(found[:2], [sys.executable, f"{self.folder}/python3.11"])
        self.assertNotIn(str(broken), found)

    def test_the_first_with_torch_is_taken(self):
        pythons = [Python("a", (), False), Python("b", (), True), Python("c", (), True)]
        self.assertEqual(python_with_torch(pythons, self.folder), "b")
        self.assertIsNone(python_with_torch(pythons[:1], self.folder))


class Shares(unittest.TestCase):
    def test_all_of_the_time_is_given_out(self):
        left, names = 540.0, list(WEIGHTS)
        for i in range(len(names)):
            left -= share(names[i:], left)
        self.assertAlmostEqual(left, 0)

    def test_what_one_step_leaves_the_others_have(self):
        self.assertGreater(share(["speed", "endpoint"], 100), share(["resume", "speed", "endpoint"], 100))
        self.assertAlmostEqual(share(["speed", "endpoint"], 84), 56)

    def test_a_step_for_which_no_time_is_left_still_begins(self):
        self.assertEqual(share(["endpoint"], -3), 1)


class Tables(unittest.TestCase):
    def test_a_row_need_not_have_every_column(self):
        lines = rows_table([{"a": 1, "b": True}, {"b": False, "longer": "x|y"}]).split("\n")
        self.assertEqual(lines[0], "| a   | b   | longer |")
        self.assertEqual(lines[3], "|     | NO  | x\\|y   |")

    def test_facts_of_several_lines_are_left_out(self):
        self.assertNotIn("smi", facts_table({"name": "x", "smi": "a\nb"}))

    def test_a_step_says_why_it_failed_and_that_there_is_more(self):
        step = Outcome("load", 10, 3.2, "failed", problems=["no libcudnn.so.9", "another"])
        self.assertIn("| failed  | 3.2 of 10.0 | no libcudnn.so.9 (and 1 more) |", steps_table([step]))


FINDINGS = """
import json, sys
print("a line of a library")
print(json.dumps({"table": "t", "row": {"x": 1}, "samples": {"s": [[1]]}}))
print(json.dumps({"note": "left out"}), flush=True)
"""

LATE = "import pathlib, sys, time; time.sleep(2); pathlib.Path(sys.argv[1]).touch()"
ORPHAN = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {LATE!r}, sys.argv[1]])
print('{{"table": "t", "row": {{"x": 1}}}}', flush=True)
time.sleep(60)
"""


class Steps(InFolder):
    def run_python(self, code, *arguments, seconds=30.0):
        heard = []
        outcome = run_step(
            *("load", [sys.executable, "-c", code, *arguments], self.folder, seconds, self.folder),
            lambda one: heard.append(one.seconds),
        )
        return outcome, heard

    def test_findings_are_heard_one_by_one(self):
        outcome, heard = self.run_python(FINDINGS)
        self.assertEqual(outcome.status, "passed")
        self.assertEqual(outcome.tables, {"t": [{"row": {"x": 1}, "samples": {"s": [[1]]}}]})
        self.assertEqual(outcome.notes, ["left out"])
        self.assertEqual(len(heard), 4)

    def test_at_its_limit_it_ends_with_all_that_it_started(self):
        late = self.folder / "late"
        outcome, _ = self.run_python(ORPHAN, str(late), seconds=1.0)
        self.assertEqual(outcome.status, "ended at its limit")
        self.assertEqual(len(outcome.tables["t"]), 1)
        self.assertLess(outcome.seconds, 10)
        time.sleep(2)
        self.assertFalse(late.exists())

    def test_a_problem_or_an_exit_code_fails_it(self):
        problem, _ = self.run_python("print('{\"problem\": \"no GPU\"}')")
        self.assertEqual((problem.status, problem.problems), ("failed", ["no GPU"]))
        code, _ = self.run_python("import sys; print('why', file=sys.stderr); sys.exit(3)")
        self.assertEqual((code.status, code.problems), ("failed", ["it ended with 3"]))
        self.assertIn("why", code.log)

    def test_it_may_be_skipped(self):
        outcome, _ = self.run_python("print('{\"skipped\": \"no data\"}')")
        self.assertEqual((outcome.status, outcome.skipped), ("skipped", "no data"))


class Written(InFolder):
    def test_everything_known_is_written_while_a_step_runs(self):
        results = Results(self.folder, {"device": "cpu"})
        running = Outcome("load", 10, tables={"engine": [{"row": {"TensorFlow": "2.21.0"}}]})
        results.hear(running)
        content = json.loads((self.folder / "results.json").read_text())
        self.assertEqual(content["steps"][0]["status"], "running")
        self.assertIn("| 2.21.0     |", (self.folder / "results.md").read_text())

    def test_the_verdict_is_good_only_if_every_step_passed_or_was_skipped(self):
        results = Results(self.folder, {})
        with contextlib.redirect_stdout(io.StringIO()):
            results.add_step(Outcome("load", 1, status="passed"))
            results.add_step(Outcome("endpoint", 1, status="skipped"))
            self.assertTrue(results.all_passed())
            results.add_step(Outcome("speed", 1, status="ended at its limit"))
        self.assertFalse(results.all_passed())


class Arguments(InFolder):
    def options(self, *more):
        folder = str(self.folder)
        return parse_options(["--bundle", folder, "--out", folder, "--seconds", "9", *more])

    def refusal(self, *more):
        said = io.StringIO()
        with contextlib.redirect_stderr(said), self.assertRaises(SystemExit) as ended:
            self.options(*more)
        self.assertEqual(ended.exception.code, 2)
        return said.getvalue()

    def test_steps_keep_their_order(self):
        self.assertEqual(self.options("--steps", "speed,load").steps, ["load", "speed"])
        self.assertEqual(self.options().steps, list(WEIGHTS))

    def test_what_is_unknown_is_refused(self):
        self.assertIn("known are load", self.refusal("--steps", "loud"))
        self.assertIn("known are cnn-small", self.refusal("--models", "vgg19"))
        self.assertIn("is no folder", self.refusal("--data", "/nowhere"))
        self.assertIn("more than 0", self.refusal("--seconds", "0"))


INSTALL = """
import pathlib, sys
target = pathlib.Path(sys.argv[1])
(target / "bin").mkdir(parents=True)
(target / "bin" / "node").touch()
(target / "bundle.json").write_text('{"version": "1.2.3", "device": "gpu", "arch": ["sm_90"]}')
"""


class Bundles(InFolder):
    def test_a_packed_one_is_installed(self):
        self.file("packed", "install.py", text=INSTALL)
        application = prepare_application(self.folder / "packed", self.folder / "target")
        self.assertEqual(application.node, self.folder / "target" / "bin" / "node")
        self.assertEqual(application.root, self.folder / "target" / "isthmus")
        self.assertEqual(application.libraries, [self.folder / "target" / "lib"])
        self.assertEqual(application.facts["built for"], "gpu, sm_90")

    def test_a_refusal_of_its_installation_is_told(self):
        self.file("install.py", text="import sys; sys.exit('a digest differs')")
        with self.assertRaisesRegex(RuntimeError, "a digest differs"):
            prepare_application(self.folder, self.folder / "target")

    def test_a_checkout_serves_as_well(self):
        self.file(*PROGRAM.parts)
        self.file("package.json", text='{"version": "0.1.0"}')
        self.assertEqual(prepare_application(self.folder, Path("unused")).root, self.folder)

    def test_anything_else_is_refused(self):
        with self.assertRaisesRegex(FileNotFoundError, "neither a packed bundle"):
            prepare_application(self.folder, Path("unused"))


if __name__ == "__main__":
    unittest.main()
