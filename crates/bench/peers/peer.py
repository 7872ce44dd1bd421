"""xrpl-py as a peer: reads one command a line as JSON, answers one line. Started by `cargo bench` with the path of the
inputs. `check` gives results to compare, `run` repeats a work for some milliseconds and gives count and nanoseconds."""

import json
import platform
import sys
from importlib.metadata import version
from time import perf_counter_ns

from xrpl import CryptoAlgorithm
from xrpl.core import keypairs
from xrpl.core.binarycodec import decode, encode, encode_for_signing
from xrpl.models import IssuedCurrencyAmount, OfferCreate
from xrpl.transaction import sign
from xrpl.utils import get_balance_changes, get_order_book_changes
from xrpl.wallet import Wallet

with open(sys.argv[1], encoding="utf-8") as file:
    INPUTS = json.load(file)

ALGORITHMS = {"secp256k1": CryptoAlgorithm.SECP256K1, "ed25519": CryptoAlgorithm.ED25519}
WALLETS = {
    kind: Wallet.from_seed(key["seed"], algorithm=ALGORITHMS[kind]) for kind, key in INPUTS["keys"].items()
}
OFFER = INPUTS["offer"]
PAYS = IssuedCurrencyAmount(**OFFER["TakerPays"])


def sign_offer(kind, sequence):
    """A new model each time, because models do not change; blob and id as text."""
    wallet = WALLETS[kind]
    offer = OfferCreate(
        account=wallet.address,
        fee=OFFER["Fee"],
        flags=OFFER["Flags"],
        sequence=sequence,
        offer_sequence=sequence - 1,
        last_ledger_sequence=OFFER["LastLedgerSequence"],
        taker_gets=OFFER["TakerGets"],
        taker_pays=PAYS,
    )
    signed = sign(offer, wallet)
    return [signed.blob(), signed.get_hash()]


def verify(blob):
    """xrpl-py has no one call for it: decode, what was signed, verify."""
    tx = decode(blob)
    message = bytes.fromhex(encode_for_signing(tx))
    return keypairs.is_valid_message(message, bytes.fromhex(tx["TxnSignature"]), tx["SigningPubKey"])


def explain(text):
    """Balance changes and offer changes of a stream message."""
    meta = json.loads(text)["meta"]
    return get_balance_changes(meta), get_order_book_changes(meta)


def is_pair(a, b, issuer):
    """Whether an offer's amounts are XRP and the RLUSD of an issuer."""
    xrp, other = (a, b) if isinstance(a, str) else (b, a)
    return isinstance(xrp, str) and other.get("issuer") == issuer and other.get("currency") == INPUTS["currency"]


BOOKS = {}


def follow(text, data):
    """Balance changes and the order book after a transaction message; gives the offers that changed."""
    meta = json.loads(text)["meta"]
    get_order_book_changes(meta)
    get_balance_changes(meta)
    issuer, book, changed = INPUTS["issuers"][data], BOOKS.setdefault(data, {}), []
    for wrapped in meta["AffectedNodes"]:
        ((kind, node),) = wrapped.items()
        if node["LedgerEntryType"] != "Offer":
            continue
        fields = node.get("NewFields") or node["FinalFields"]
        if not is_pair(fields["TakerGets"], fields["TakerPays"], issuer):
            continue
        if kind == "DeletedNode":
            book.pop(node["LedgerIndex"], None)
        else:
            book[node["LedgerIndex"]] = (fields.get("BookDirectory"), fields["TakerGets"], fields["TakerPays"])
        changed.append(node["LedgerIndex"])
    return changed


def tick(messages, i):
    """A ledger's messages, then a bid and an ask; the header's message is read too."""
    changed = []
    for text in messages:
        if '"ledgerClosed"' in text:
            json.loads(text)
        else:
            changed += follow(text, "session")
    for k in range(2):
        sign_offer("ed25519", INPUTS["sequence"] + 2 * i + k)
    return changed


def balances_of(changes):
    """The balance changes of an explanation, as they are compared."""
    return [
        [one["account"], b["currency"], b.get("issuer", ""), b["value"]]
        for one in changes[0]
        for b in one["balances"]
    ]


def same(result):
    """The result as it is."""
    return result


def work(name, data):
    """How many inputs there are, what is done with input i, and the result as it is compared."""
    verb, _, kind = name.partition(" ")
    if verb == "sign":
        first = INPUTS["sequence"]
        return INPUTS["checks"], lambda i: sign_offer(kind, first + i), same
    if verb == "verify":
        blobs = INPUTS["keys"][kind]["signed"]
        return len(blobs), lambda i: verify(blobs[i % len(blobs)]), same
    if verb == "tick":
        ticks = INPUTS["ticks"]
        return len(ticks), lambda i: tick(ticks[i % len(ticks)], i), same
    items = INPUTS["data"][data]
    count = len(items)
    if verb == "decode":
        return count, lambda i: decode(items[i % count]["tx_blob"]), same
    if verb == "encode":
        return count, lambda i: encode(items[i % count]["tx_json"]), same
    if verb == "decode-meta":
        return count, lambda i: decode(items[i % count]["meta_blob"]), same
    if verb == "explain":
        return count, lambda i: explain(items[i % count]["message"]), balances_of
    if verb == "message":
        return count, lambda i: follow(items[i % count]["message"], data), same
    raise ValueError(f"no work named {name}")


TURN = {}


def run(command):
    """Repeats a work until the time is up."""
    key = (command["work"], command["data"])
    _, op, _ = work(*key)
    i = first = TURN.get(key, 0)
    start = perf_counter_ns()
    end = start + command["ms"] * 1_000_000
    now = start
    while now < end:
        op(i)
        i += 1
        now = perf_counter_ns()
    TURN[key] = i
    return {"count": i - first, "ns": now - start}


def check(command):
    """Every result of a work."""
    count, op, show = work(command["work"], command["data"])
    results = []
    for i in range(count):
        try:
            results.append(show(op(i)))
        except Exception as error:  # what a peer cannot do is part of the comparison
            results.append({"error": str(error)[:200]})
    return {"results": results}


def hello(_):
    """Who answers."""
    return {"name": f"xrpl-py {version('xrpl-py')}", "runtime": f"Python {platform.python_version()}"}


COMMANDS = {"hello": hello, "check": check, "run": run}

for line in sys.stdin:
    try:
        asked = json.loads(line)
        answer = COMMANDS[asked["do"]](asked)
    except Exception as error:
        answer = {"error": repr(error)[:500]}
    print(json.dumps(answer), flush=True)
