"""The yardstick of bench/agent-tee: the tee of the agent's contract (section 11) as one would write it with asyncio.

agent_tee.py LOG REPORT COMMAND...   runs a command, its streams go to stdout, stderr, LOG and LOG.err; CPU and memory to REPORT
"""

import asyncio
import datetime
import resource
import sys

LIMIT = 8192


async def tee(stream, label, sinks):
    first = True
    while chunk := await stream.read(LIMIT):
        text = chunk.decode("utf-8", errors="replace")
        prefix = f"{label}{datetime.datetime.now().isoformat()} "
        if first:
            text = prefix + text
            first = False
        text = text.replace("\n", f"\n{prefix}")
        for sink in sinks:
            sink.write(text)
            sink.flush()


async def run(log, command):
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=LIMIT
    )
    with open(log, "w") as out, open(f"{log}.err", "w") as err:
        await asyncio.gather(
            tee(process.stdout, "[out]", [sys.stdout, out]), tee(process.stderr, "[err]", [sys.stderr, err])
        )
        return await process.wait()


status = asyncio.run(run(sys.argv[1], sys.argv[3:]))
used = resource.getrusage(resource.RUSAGE_SELF)
with open(sys.argv[2], "w") as report:
    report.write(f"{used.ru_utime} {used.ru_stime} {used.ru_maxrss}\n")
sys.exit(status)
