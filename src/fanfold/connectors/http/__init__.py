"""The connector `http`: an address, and credentials that are added only to requests to its own origin."""

from fanfold.connectors.http.client import HttpClient
from fanfold.connectors.http.connector import HttpConnector

__all__ = ["HttpClient", "HttpConnector"]
