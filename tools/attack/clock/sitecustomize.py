"""A clock that is wrong: on the PYTHONPATH of a portal's process, by ATTACK_CLOCK seconds."""

import os
import time

if os.environ.get("ATTACK_CLOCK"):
    import time_machine

    time_machine.travel(time.time() + float(os.environ["ATTACK_CLOCK"]), tick=True).start()
