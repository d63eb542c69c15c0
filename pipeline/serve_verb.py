"""The verb that serves an arm's model, or prints how."""

import argparse
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.workshop import MEND, OK, Verb, say

if TYPE_CHECKING:
    from pipeline.arms import Arm


def add(verb: Verb) -> None:
    """Put this verb among the others."""
    served = verb("serve", serve, "serve an arm's model: vLLM's exact command, or a GGUF file here")
    served.add_argument("arm", help="a name of data/arms; with --study an arm of its ladder too")
    served.add_argument("--study", help="a name of data/studies: the arm is one of its arms")
    served.add_argument(
        "--print",
        action="store_true",
        dest="only_print",
        help="start nothing: print what would be started, the memory it takes and the cards",
    )


def serve(options: argparse.Namespace, root: Path) -> int:
    """Serve an arm."""
    from pipeline.serving import serve

    arm = serve.load(options.arm, options.study, root)
    does = _embedded if arm.model.provider == "gguf" else _vllm
    return does(arm, root, options.only_print)


def _vllm(arm: "Arm", root: Path, only_print: bool) -> int:
    from pipeline.serving import installed, serve

    found = installed.find()
    plan = serve.planned(arm, installed.listed(root, found))
    for line in serve.shown(arm, plan):
        print(line)
    if only_print:
        return OK
    if found is None:
        say("nothing was started: vLLM is not installed here; run the command above where it is")
        return MEND
    sys.stdout.flush()  # what is printed is lost when the process becomes vLLM
    serve.start(arm, plan, found)


def _embedded(arm: "Arm", root: Path, only_print: bool) -> int:
    from pipeline.models import gguf
    from pipeline.serving import embedded

    for line in embedded.shown(arm, root):
        print(line)
    if only_print:
        return OK
    listening = gguf.listen(arm.model, root, *embedded.address(arm.model))
    print(f"{arm.model.name} answers at {listening.address}; Ctrl-C ends it", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("ended")
    return OK
