"""Amazon Marketing Cloud over its reporting API: sign-in, discovery, executions, downloads."""

from fanfold.connectors.amc.connector import AmcConnector

__all__ = ["AmcConnector"]
