"""An independent verifier of audit ledgers, built on docs/format/ledger.md alone: Python's standard library
and nothing of Taffrail.

    verify_ledger.py ledger DIR KEY          checkpoint, tiles and records of a ledger's directory
    verify_ledger.py proof PROOF RECORD KEY  one record, by its .tlog-proof file

Prints what is wrong and exits 1, or exits 0.
"""

import base64
import hashlib
import pathlib
import sys


class Refused(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Refused(what)


# ---- Ed25519 (RFC 8032 section 5.1), verification only ----

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def decompress(data):
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def add(a, b):
    u, v = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = v - u, d - c, d + c, v + u
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def signature_holds(public, message, signature):
    if len(signature) != 64:
        return False
    key, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = multiply(s, BASE), add(r, multiply(h, key))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


# ---- notes ----

def decode(text):
    data = base64.b64decode(text, validate=True)
    expect(base64.b64encode(data).decode() == text, "base64 in another spelling")
    return data


def parse_key(text):
    name, key_id, blob = text.strip().split("+", 2)
    blob = decode(blob)
    expect(blob[0] == 1 and len(blob) == 33, "not an Ed25519 key")
    real = hashlib.sha256(name.encode() + b"\n" + blob).digest()[:4]
    expect(real.hex() == key_id, "the key's id is not that of its bytes")
    return name, real, blob[1:]


def open_note(data, key):
    name, key_id, public = key
    text, _, signatures = data.rpartition(b"\n\n")
    text += b"\n"
    expect(signatures.endswith(b"\n"), "the note does not end with a newline")
    expect(not any(c < 32 and c != 10 for c in data), "control characters")
    data.decode()
    verified = False
    for line in signatures[:-1].split(b"\n"):
        dash, signer, blob = line.decode().split(" ")
        expect(dash == "\u2014", "a signature line without its dash")
        blob = decode(blob)
        if signer != name or blob[:4] != key_id:
            continue
        expect(signature_holds(public, text, blob[4:]), "the signature does not fit the text")
        verified = True
    expect(verified, "not signed by the key")
    return text


def open_checkpoint(data, key):
    lines = open_note(data, key).decode().split("\n")
    expect(len(lines) >= 4 and lines[0] == key[0], "another origin")
    expect(lines[1] == str(int(lines[1])), "the size is no number")
    root = decode(lines[2])
    expect(len(root) == 32, "the root has not 32 bytes")
    return int(lines[1]), root


# ---- the tree ----

def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(hashes):
    """By the definition in RFC 6962, level by level: an odd one out moves up as it is."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 1:
        paired = [node_hash(*hashes[i:i + 2]) for i in range(0, len(hashes) - 1, 2)]
        hashes = paired + hashes[len(paired) * 2:]
    return hashes[0]


def tile_path(level, index, width):
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/" + "/".join(groups) + ("" if width == 256 else f".p/{width}")


def read_tile(root, level, index, width):
    for path in (tile_path(level, index, width), tile_path(level, index, 256)):
        if (root / path).exists():
            return (root / path).read_bytes(), path
    raise Refused(f"{tile_path(level, index, width)} is missing")


def entries_of(data, count, path):
    entries = []
    while data and len(entries) < count:
        size = int.from_bytes(data[:2], "big")
        expect(len(data) >= 2 + size, f"{path}: entry {len(entries)} is cut off")
        entries.append(data[2:2 + size])
        data = data[2 + size:]
    expect(len(entries) == count, f"{path}: {len(entries)} entries and not {count}")
    return entries, data


def verify_ledger(directory, key):
    root_dir = pathlib.Path(directory)
    size, root = open_checkpoint((root_dir / "checkpoint").read_bytes(), key)
    hashes = []
    for index in range((size + 255) // 256):
        width = min(256, size - index * 256)
        data, path = read_tile(root_dir, "entries", index, width)
        entries, rest = entries_of(data, width, path)
        expect(not rest or (width < 256 and ".p/" not in path), f"{path}: bytes after its last entry")
        hashes += [leaf_hash(entry) for entry in entries]
    expect(root_of(hashes) == root, "the records do not lead to the root that was signed")
    level = 0
    while hashes:
        for index in range((len(hashes) + 255) // 256):
            mine = b"".join(hashes[index * 256:index * 256 + 256])
            data, path = read_tile(root_dir, level, index, len(mine) // 32)
            expect(data[:len(mine)] == mine, f"{path} is not what the records lead to")
            whole = len(data) == len(mine) or (len(mine) < 8192 and ".p/" not in path)
            expect(whole, f"{path} has another size")
        hashes = [root_of(hashes[i:i + 256]) for i in range(0, len(hashes) // 256 * 256, 256)]
        level += 1
    return f"{size} records, all good"


def verify_proof(proof_file, record_file, key):
    head, _, checkpoint = pathlib.Path(proof_file).read_bytes().partition(b"\n\n")
    lines = head.decode().split("\n")
    expect(lines.pop(0) == "c2sp.org/tlog-proof@v1", "no tlog-proof file")
    if lines[0].startswith("extra "):
        decode(lines.pop(0)[6:])
    expect(lines[0].startswith("index "), "no index")
    index = int(lines.pop(0)[6:])
    size, root = open_checkpoint(checkpoint, key)
    expect(index < size, "the index is beyond the log")
    node, last = index, size - 1
    result = leaf_hash(pathlib.Path(record_file).read_bytes())
    for line in lines:
        sibling = decode(line)
        expect(last > 0 and len(sibling) == 32, "a hash too many")
        if node & 1 or node == last:
            result = node_hash(sibling, result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        node, last = node >> 1, last >> 1
    expect(last == 0 and result == root, "the record is not the one that the checkpoint signs")
    return f"record {index} of {size}: proved"


def main(arguments):
    try:
        if arguments[:1] == ["ledger"] and len(arguments) == 3:
            print(verify_ledger(arguments[1], parse_key(arguments[2])))
        elif arguments[:1] == ["proof"] and len(arguments) == 4:
            print(verify_proof(*arguments[1:3], parse_key(arguments[3])))
        else:
            print(__doc__)
            return 2
    except (Refused, ValueError, OSError, IndexError, UnicodeDecodeError) as problem:
        print(problem)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
