"""What a program with the unmodified xrpl-py does against our server, over a WebSocket and over HTTP. One JSON document
a line on stdout: every transaction with what the library's own parsers say of it, then {"done": ...}."""

import asyncio
import json
import sys

from xrpl.asyncio.clients import AsyncWebsocketClient
from xrpl.asyncio.transaction import submit_and_wait as submit_and_wait_async
from xrpl.clients import JsonRpcClient, WebsocketClient
from xrpl.models import (
    AMMCreate, AMMInfo, AccountInfo, AccountLines, AccountObjects, AccountOffers, AccountTx, BookOffers, Fee, GatewayBalances,
    IssuedCurrencyAmount, Ledger, LedgerEntry, OfferCancel, OfferCreate, OfferCreateFlag, Payment, ServerInfo,
    ServerState, Simulate, StreamParameter, Subscribe, TicketCreate, TrustSet, AccountSet, AccountSetAsfFlag, Tx, XRP,
)
from xrpl.models.currencies import IssuedCurrency
from xrpl.models.requests.subscribe import SubscribeBook
from xrpl.transaction import submit_and_wait
from xrpl.utils import get_balance_changes, get_order_book_changes, xrp_to_drops
from xrpl.wallet import Wallet
from xrpl.constants import CryptoAlgorithm

WS, HTTP = sys.argv[1], sys.argv[2]
RLUSD = "524C555344000000000000000000000000000000"


def say(document):
    print(json.dumps(document), flush=True)


def good(tx, client, wallet):
    response = submit_and_wait(tx, client, wallet)
    assert response.is_successful() and response.result["validated"], response
    assert response.result["meta"]["TransactionResult"] == "tesSUCCESS", response
    return response.result


def main():
    genesis = Wallet.from_seed("snoPBrXtMeMyMHUVTgbuqAfg1SUTb", algorithm=CryptoAlgorithm.SECP256K1)
    issuer, carol, dave = Wallet.create(), Wallet.create(), Wallet.create(CryptoAlgorithm.SECP256K1)
    rpc = JsonRpcClient(HTTP)

    # Funding from genesis, over HTTP.
    for wallet in (issuer, carol, dave):
        good(Payment(account=genesis.address, destination=wallet.address, amount=xrp_to_drops(1000)), rpc, genesis)
    info = rpc.request(AccountInfo(account=carol.address, ledger_index="validated"))
    assert info.result["account_data"]["Balance"] == xrp_to_drops(1000), info
    missing = rpc.request(AccountInfo(account=Wallet.create().address))
    assert not missing.is_successful() and missing.result["error"] == "actNotFound", missing

    def rlusd(value):
        return IssuedCurrencyAmount(currency=RLUSD, issuer=issuer.address, value=value)

    good(AccountSet(account=issuer.address, set_flag=AccountSetAsfFlag.ASF_DEFAULT_RIPPLE), rpc, issuer)
    good(TrustSet(account=carol.address, limit_amount=rlusd("1000000")), rpc, carol)
    with WebsocketClient(WS) as client:
        good(TrustSet(account=dave.address, limit_amount=rlusd("1000000")), client, dave)
        good(Payment(account=issuer.address, destination=carol.address, amount=rlusd("300")), client, issuer)
        ask = good(OfferCreate(account=carol.address, taker_gets=rlusd("100"), taker_pays=xrp_to_drops(50)), client, carol)
        second = good(OfferCreate(account=carol.address, taker_gets=rlusd("90"), taker_pays=xrp_to_drops(60)), client, carol)
        # Takes the first whole and some of the second.
        good(OfferCreate(account=dave.address, taker_gets=xrp_to_drops(80), taker_pays=rlusd("119"),
                         flags=OfferCreateFlag.TF_SELL), client, dave)
        left = client.request(AccountOffers(account=carol.address)).result["offers"]
        assert [offer["seq"] for offer in left] == [second["tx_json"]["Sequence"]], left
        book = client.request(BookOffers(taker_gets=IssuedCurrency(currency=RLUSD, issuer=issuer.address), taker_pays=XRP()))
        assert len(book.result["offers"]) == 1, book
        good(OfferCancel(account=carol.address, offer_sequence=second["tx_json"]["Sequence"]), client, carol)
        good(TicketCreate(account=carol.address, ticket_count=3), client, carol)
        objects = client.request(AccountObjects(account=carol.address)).result["account_objects"]
        assert sorted(entry["LedgerEntryType"] for entry in objects) == ["RippleState"] + ["Ticket"] * 3, objects
        lines = client.request(AccountLines(account=dave.address, ledger_index="validated")).result["lines"]
        assert [line["balance"] for line in lines] == ["145"], lines
        owed = client.request(GatewayBalances(account=issuer.address)).result
        assert owed["obligations"] == {RLUSD: "300"}, owed
        dry = client.request(Simulate(transaction=Payment(account=dave.address, destination=carol.address, amount=xrp_to_drops(1))))
        assert dry.result["engine_result"] == "tesSUCCESS" and not dry.result["applied"], dry
        assert client.request(ServerState()).result["state"]["load_base"] == 256
        assert client.request(Fee()).result["drops"]["base_fee"] == "10"
        entry = client.request(LedgerEntry(account_root=dave.address, ledger_index="validated"))
        assert entry.result["node"]["Account"] == dave.address, entry
        expanded = client.request(Ledger(ledger_index=ask["ledger_index"], transactions=True, expand=True))
        assert ask["hash"] in [tx["hash"] for tx in expanded.result["ledger"]["transactions"]]
        assert client.request(Tx(transaction=ask["hash"])).result["hash"] == ask["hash"]
        network = client.request(ServerInfo()).result["info"]["network_id"]
        assert network > 1024 and ask["tx_json"]["NetworkID"] == network

        # A pool of these two, and a swap that moves it.
        pool = AMMInfo(asset=XRP(), asset2=IssuedCurrency(currency=RLUSD, issuer=issuer.address))
        assert client.request(pool).result["error"] == "actNotFound"
        good(AMMCreate(account=carol.address, amount=xrp_to_drops(40), amount2=rlusd("80"), trading_fee=500), client, carol)
        fresh = client.request(pool).result["amm"]
        assert (fresh["amount"], fresh["amount2"]["value"], fresh["trading_fee"]) == ("40000000", "80", 500), fresh
        good(OfferCreate(account=dave.address, taker_gets=xrp_to_drops(5), taker_pays=rlusd("6"),
                         flags=OfferCreateFlag.TF_IMMEDIATE_OR_CANCEL), client, dave)
        swapped = client.request(pool).result["amm"]
        assert swapped["amount2"]["value"] == "74" and 43e6 < int(swapped["amount"]) < 44e6, swapped

        seen = set()
        for account in (issuer.address, carol.address, dave.address):
            marker, pages = None, 0
            while True:
                page = client.request(AccountTx(account=account, limit=2, forward=True, marker=marker)).result
                pages += 1
                for item in page["transactions"]:
                    if item["hash"] not in seen:
                        seen.add(item["hash"])
                        say({"hash": item["hash"], "meta": item["meta"], "tx": item["tx_json"],
                             "balances": get_balance_changes(item["meta"]),
                             "offers": get_order_book_changes(item["meta"])})
                marker = page.get("marker")
                if marker is None:
                    break
            assert pages > 1, account
    streamed = asyncio.run(streams(carol, dave, issuer))
    say({"done": len(seen), "streamed": streamed})


async def streams(carol, dave, issuer):
    """Subscribes, trades, and counts what comes."""
    async with AsyncWebsocketClient(WS) as client:
        heard = []

        async def listen():
            async for message in client:
                heard.append(message)

        task = asyncio.create_task(listen())
        book = SubscribeBook(taker_gets=IssuedCurrency(currency=RLUSD, issuer=issuer.address), taker_pays=XRP(),
                             taker=carol.address, snapshot=True, both=True)
        answer = await client.request(Subscribe(
            streams=[StreamParameter.LEDGER, StreamParameter.TRANSACTIONS], accounts=[carol.address], books=[book]))
        assert answer.is_successful() and answer.result["bids"] == [], answer
        amount = IssuedCurrencyAmount(currency=RLUSD, issuer=issuer.address, value="7")
        sent = await submit_and_wait_async(
            Payment(account=dave.address, destination=carol.address, amount=amount, send_max=amount), client, dave)
        assert sent.result["meta"]["delivered_amount"]["value"] == "7", sent
        task.cancel()
    ours = [message for message in heard if message.get("hash") == sent.result["hash"]]
    # By the stream and by the account; no offer was touched.
    assert len(ours) == 2 and all(message["validated"] for message in ours), ours
    return len(heard)


main()
