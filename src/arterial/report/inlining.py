"""Styles and scripts inside a page: text that cannot end its element, and the hash that allows it.

Main functions: `make_inline` and `hash_source`.
"""

import base64
import hashlib

__all__ = ["hash_source", "make_inline"]


def make_inline(text: str, tag: str) -> str:
    """Keep the text of a built file from ending the element it is inlined in.

    Parameters
    ----------
    text : str
        Content of the file.
    tag : str
        Name of the element: ``script`` or ``style``.
    """
    # "<!--" would open a comment that hides the end of the element from the parser.
    safe = text.replace(f"</{tag}", f"<\\/{tag}").replace("<!--", "<\\!--")
    return safe.strip()


def hash_source(text: str) -> str:
    """Hash by which a content security policy allows an inlined text.

    Examples
    --------
    >>> hash_source("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
