import json

import pytest
from gate import SECRET


@pytest.fixture
def secret_env(monkeypatch):
    def set_secret(secret):
        monkeypatch.setenv("THE_SECRET", secret if isinstance(secret, str) else json.dumps(secret))

    set_secret({"Bearer": SECRET})
    return set_secret
