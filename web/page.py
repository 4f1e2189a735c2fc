#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""page.py OUTPUT PAGE STYLE... SCRIPT...: the status page as C, the same bytes each time."""
import base64
import gzip
import hashlib
import os
import sys


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read().strip()


def allowed(text):
    """How a Content-Security-Policy names what stands in the page."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def bytes_of(data):
    lines = (data[at:at + 16] for at in range(0, len(data), 16))
    return "".join("\t" + "".join(f"{byte}," for byte in line) + "\n" for line in lines)


def main():
    output, page, *parts = sys.argv[1:]
    style = "\n".join(read(part) for part in parts if part.endswith(".css"))
    script = "\n".join(read(part) for part in parts if part.endswith(".js"))
    for text, end in ((style, "</style"), (script, "</script")):
        if end in text.lower():
            sys.exit(f"page.py: \"{end}\" would end what stands in the page")
    document = read(page).replace("@STYLE@", style).replace("@SCRIPT@", script)
    policy = (f"default-src 'none'; connect-src 'self'; img-src data:; style-src {allowed(style)}; "
              f"script-src {allowed(script)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    packed = bytearray(gzip.compress(document.encode(), 9, mtime=0))
    packed[9] = 255  # from no system in particular
    with open(output, "w", encoding="utf-8") as to:
        to.write(f"/* Made by {os.path.basename(__file__)}. */\n#include \"web/page.h\"\n\n"
                 f"const char page_policy[] = \"{policy}\";\n\n"
                 f"const unsigned char page_gzip[] = {{\n{bytes_of(packed)}}};\n\n"
                 "const size_t page_gzip_len = sizeof(page_gzip);\n")


if __name__ == "__main__":
    main()
