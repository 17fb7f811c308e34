"""Formats of other systems' files, by the name of their command."""

from quanyu.touchpoints.connector import FileConnector
from quanyu.touchpoints.connectors.taobao_userbehavior import TaobaoUserBehavior

FILE_CONNECTORS: dict[str, FileConnector] = {"taobao-userbehavior": TaobaoUserBehavior()}
