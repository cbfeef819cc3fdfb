"""The database without the clients of its servers: quicker to import, and the same."""

import subprocess
import sys

LEAN = """
import sys
from pathlib import Path
from timbrel.library.catalogue import open_catalogue
catalogue = open_catalogue(Path(sys.argv[1]), create=True)
heard = [name for name in sys.modules if name.startswith("lance_namespace")]
print(catalogue.count(), heard)
import lance_namespace
print(lance_namespace.LanceNamespace.__module__.startswith("lance_namespace"))
"""


def test_a_library_opens_without_them_and_they_can_be_had_after(tmp_path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", LEAN, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert told.stdout.splitlines() == ["0 []", "True"]


THREADS = """
import sys, threading
from pathlib import Path
from timbrel.library.catalogue import open_catalogue
counts = []
def count(number):
    counts.append(open_catalogue(Path(sys.argv[1], str(number)), create=True).count())
threads = [threading.Thread(target=count, args=[number]) for number in range(4)]
[one.start() for one in threads]
[one.join() for one in threads]
print(counts)
"""


def test_threads_that_open_libraries_at_once_wait_for_one_another(tmp_path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", THREADS, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["[0,", "0,", "0,", "0]"], told.stderr


def test_where_it_was_imported_before_nothing_is_changed(tmp_path) -> None:
    code = LEAN.replace("import sys\n", "import sys, lancedb\n", 1)
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert told.stdout.startswith("0 [")
    assert "'lance_namespace'" in told.stdout
