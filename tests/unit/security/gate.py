"""A credential and the external model that asks for it."""

from dbt_ai.external_model import ExternalModel
from dbt_ai.security.credentials import Credentials

SECRET = "sk-very-secret-0123456789"


def model(location="https://api.example.com/v1/embeddings", credential="https://api.example.com"):
    return ExternalModel("embedder", location, "OpenAI", "EMBEDDINGS", "m", credential)


def credentials(name="https://api.example.com", allowed_hosts=(), **entry):
    return Credentials.from_config([{"name": name, **(entry or {"secret_env": "THE_SECRET"})}], allowed_hosts)


def headers(name, location):
    return credentials(name).headers_for(model(location, name), location)
