"""AI functions for dbt: one SQL text on every engine, paid for once, priced before it runs."""

__version__ = "0.1.0"
__all__ = ["Plugin", "__version__", "register_project"]


def __getattr__(name: str) -> object:
    # dbt-core imports every installed module called dbt_* on each command, so this module must cost
    # next to nothing (typing alone takes 5 ms) and must never raise; dbt-duckdb asks for `Plugin` only where a profile names us.
    if name == "plugins":
        # What dbt-core asks every such module for: classes that it makes in each command. One that raises would end the command.
        try:
            from dbt_ai.engines.dbt_plugin import WarehousePlugin
        except Exception:
            return []
        return [WarehousePlugin]
    if name == "Plugin":
        from dbt_ai.engines.duckdb import Plugin

        return Plugin
    if name == "register_project":
        from dbt_ai.engines.spark import register_project

        return register_project
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
