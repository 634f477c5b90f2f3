"""The proxies that the environment names, checked before httpx reads them: what httpx raises may quote their password."""

from __future__ import annotations

import importlib.util
import urllib.request
from collections.abc import Mapping

import httpx

from dbt_ai.errors import ConfigurationError

_SCHEMES = ("http", "https", "socks5", "socks5h")


def proxies_of_environment() -> Mapping[str, str]:
    """Of the schemes http, https and all that have a proxy: how messages name it, such as "the proxy proxy.internal:3128 of HTTPS_PROXY".

    Raises ConfigurationError, which quotes nothing of it, for one that cannot be used.
    """
    proxies = urllib.request.getproxies()
    return {scheme: _named(f"{scheme.upper()}_PROXY", proxies[scheme]) for scheme in ("http", "https", "all") if proxies.get(scheme)}


def _named(variable: str, text: str) -> str:
    try:
        url = httpx.URL(text if "://" in text else f"http://{text}")
    except httpx.InvalidURL:
        url = None
    # An @ behind the host: the password before it was cut off by a sign that ends a host.
    if url is None or not url.host or ("@" in text and not url.userinfo) or not 0 < (url.port or 80) < 65536:
        raise ConfigurationError(
            f"the proxy in {variable} cannot be read as a URL; write http://name:password@host:port, with # / ? and @ of the password"
            " as %23 %2F %3F and %40"
        )
    if url.scheme not in _SCHEMES:
        raise ConfigurationError(f"the proxy in {variable} is of scheme {url.scheme}; use one of {', '.join(_SCHEMES)}")
    if url.scheme.startswith("socks") and importlib.util.find_spec("socksio") is None:
        raise ConfigurationError(f"{variable} names a SOCKS proxy, which needs a package more: pip install 'httpx[socks]'")
    return f"the proxy {url.netloc.decode('ascii')} of {variable}"
