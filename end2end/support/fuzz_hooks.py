"""Sends each call of the fuzzer as another administrator: one person alone would soon be told to slow down."""

import itertools
import os

import schemathesis

TOKENS = itertools.cycle(os.environ["OXDESK_FUZZ_TOKENS"].split())


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {next(TOKENS)}"}
