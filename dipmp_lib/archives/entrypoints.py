"""entry_points.txt. Source: the entry points specification."""

import configparser
import re

from .findings import Findings, shown

_NAME = re.compile(r"[\w.-]+")
_OBJECT = re.compile(r"\w+(\.\w+)*\s*:\s*\w+(\.\w+)*\s*(\[[^\]]*\])?")
_SCRIPTS = ("console_scripts", "gui_scripts")


class _Parser(configparser.ConfigParser):
    def optionxform(self, optionstr: str) -> str:
        """Keep letter case."""
        return optionstr


def check_entry_points(data: bytes, findings: Findings) -> None:
    """Check the file's form, and the names and targets of scripts, which become files when installed."""
    parser = _Parser(delimiters=("=",), interpolation=None)
    try:
        parser.read_string(data.decode())
    except UnicodeDecodeError:
        findings.form("has an entry_points.txt that is not UTF-8")
        return
    except configparser.Error as error:
        findings.form(f"has an entry_points.txt that cannot be read ({type(error).__name__})")
        return
    for section in _SCRIPTS:
        for name, target in parser.items(section) if parser.has_section(section) else ():
            if _NAME.fullmatch(name) is None:
                findings.form(f"has a script of the name {shown(name)}: letters, digits, '.', '-' and '_' are allowed")
            if _OBJECT.fullmatch(target) is None:
                findings.form(f"has a script {shown(name)} for {shown(target)}, which is not module:function")
