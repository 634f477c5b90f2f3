"""What the machine is like decides no test."""

import os

from hypothesis import HealthCheck, settings

# A test of proxies names its own.
for _name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
    os.environ.pop(_name, None)
    os.environ.pop(_name.upper(), None)

# Examples of hypothesis take as long as they take: a machine that pauses for a moment is no failure.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
