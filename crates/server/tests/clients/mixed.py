"""The script of two hundred transactions (the second argument, a file) sent by the unmodified xrpl-py, one after another
without waiting; then all that was validated, each with what the library's own parsers say of it."""

import json
import sys
import time

from xrpl.clients import WebsocketClient
from xrpl.constants import CryptoAlgorithm
from xrpl.models import AccountTx, Ledger, Payment
from xrpl.models.transactions.transaction import Transaction
from xrpl.transaction import autofill, sign, submit
from xrpl.utils import get_balance_changes, get_order_book_changes, xrp_to_drops
from xrpl.wallet import Wallet
from xrpl.core.keypairs import generate_seed

URL, FILE = sys.argv[1], sys.argv[2]
NAMES = ["issuer", "ann", "bob", "cat", "dan"]


def say(document):
    print(json.dumps(document), flush=True)


def main():
    genesis = Wallet.from_seed("snoPBrXtMeMyMHUVTgbuqAfg1SUTb", algorithm=CryptoAlgorithm.SECP256K1)
    wallets = {name: Wallet.from_seed(generate_seed(f"{n + 17:02x}" * 16)) for n, name in enumerate(NAMES)}
    with WebsocketClient(URL) as client:

        def ledgers_pass(count):
            def closed():
                return client.request(Ledger(ledger_index="validated")).result["ledger_index"]

            until = closed() + count
            while closed() < until:
                time.sleep(0.1)

        for name in NAMES:
            tx = Payment(account=genesis.address, destination=wallets[name].address, amount=xrp_to_drops(5000))
            answer = submit(sign(autofill(tx, client), genesis), client)
            assert answer.result["engine_result"] == "tesSUCCESS", answer
        ledgers_pass(2)

        sequences, results = [], {}

        def filled(value):
            if isinstance(value, str) and value.startswith("$"):
                return wallets[value[1:]].address
            if isinstance(value, dict) and "step" in value:
                return sequences[value["step"]] + value.get("plus", 0)
            if isinstance(value, dict):
                return {key: filled(inner) for key, inner in value.items()}
            return value

        with open(FILE, encoding="utf-8") as script:
            steps = json.load(script)
        for name, template in steps:
            tx = {**filled(template), "Account": wallets[name].address}
            if "TicketSequence" in tx:
                tx["Sequence"] = 0
            prepared = autofill(Transaction.from_xrpl(tx), client)
            sequences.append(prepared.ticket_sequence or prepared.sequence)
            answer = submit(sign(prepared, wallets[name]), client)
            result = answer.result["engine_result"]
            results[result] = results.get(result, 0) + 1
            if len(sequences) <= 10 or tx["TransactionType"] == "TicketCreate":
                ledgers_pass(1)
        ledgers_pass(3)

        seen = set()
        for name in NAMES:
            marker = None
            while True:
                page = client.request(AccountTx(account=wallets[name].address, limit=50, forward=True, marker=marker)).result
                for item in page["transactions"]:
                    if item["hash"] not in seen:
                        seen.add(item["hash"])
                        say({"hash": item["hash"], "meta": item["meta"], "tx": item["tx_json"],
                             "balances": get_balance_changes(item["meta"]),
                             "offers": get_order_book_changes(item["meta"])})
                marker = page.get("marker")
                if marker is None:
                    break
    say({"done": len(seen), "sent": len(steps), "results": results})


main()
