// What a program with the unmodified xrpl.js does against our server. One JSON document a line on stdout: every
// transaction with what the library's own parser says of it, then {"done": ...}. A check that fails ends it with 1.
const assert = require('node:assert/strict')
const { Client, Wallet, ECDSA, getBalanceChanges, xrpToDrops, dropsToXrp, convertStringToHex } = require('xrpl')

const [url] = process.argv.slice(2)
const RLUSD = '524C555344000000000000000000000000000000'
const say = (document) => process.stdout.write(`${JSON.stringify(document)}\n`)

async function main() {
  const client = new Client(url)
  await client.connect()
  const info = (await client.request({ command: 'server_info' })).result.info
  assert.equal(info.server_state, 'full')
  assert.equal(client.networkID, info.network_id)

  // Funding from genesis.
  const genesis = Wallet.fromSeed('snoPBrXtMeMyMHUVTgbuqAfg1SUTb', { algorithm: ECDSA.secp256k1 })
  const [issuer, alice, bob] = [Wallet.generate(), Wallet.generate(), Wallet.generate(ECDSA.secp256k1)]
  const submit = async (wallet, tx) => {
    const { result } = await client.submitAndWait({ Account: wallet.address, ...tx }, { wallet, autofill: true })
    assert.equal(result.validated, true)
    return result
  }
  const good = async (wallet, tx) => {
    const result = await submit(wallet, tx)
    assert.equal(result.meta.TransactionResult, 'tesSUCCESS', JSON.stringify(result))
    return result
  }
  await Promise.all([issuer, alice, bob].map(async (wallet, nth) => {
    const { account_data } = (await client.request({ command: 'account_info', account: genesis.address, ledger_index: 'current' })).result
    const tx = { TransactionType: 'Payment', Account: genesis.address, Destination: wallet.address, Amount: xrpToDrops(1000), Sequence: account_data.Sequence + nth }
    const { result } = await client.submitAndWait(tx, { wallet: genesis })
    assert.equal(result.meta.delivered_amount, xrpToDrops(1000))
  }))
  assert.equal(await client.getXrpBalance(alice.address), 1000)
  const rlusd = (value) => ({ currency: RLUSD, issuer: issuer.address, value })
  await good(issuer, { TransactionType: 'AccountSet', SetFlag: 8 })
  await Promise.all([alice, bob].map((wallet) => good(wallet, { TransactionType: 'TrustSet', LimitAmount: rlusd('1000000') })))
  await good(issuer, { TransactionType: 'Payment', Destination: alice.address, Amount: rlusd('500') })

  // The streams, all of them.
  const heard = { ledgerClosed: [], transaction: [], book_changes: [] }
  client.on('ledgerClosed', (message) => heard.ledgerClosed.push(message))
  client.on('transaction', (message) => heard.transaction.push(message))
  client.connection.on('bookChanges', (message) => heard.book_changes.push(message))
  const book = { taker_gets: { currency: RLUSD, issuer: issuer.address }, taker_pays: { currency: 'XRP' } }
  const subscribed = await client.request({
    command: 'subscribe', streams: ['ledger', 'transactions', 'transactions_proposed', 'book_changes', 'server'],
    accounts: [alice.address], accounts_proposed: [bob.address], books: [{ ...book, snapshot: true, both: true }],
  })
  assert.deepEqual([subscribed.result.asks, subscribed.result.bids], [[], []])
  assert.ok(subscribed.result.ledger_index > 0 && subscribed.result.server_status === 'full')

  // Offers that cross, rest, are cancelled; a ticket; a killed one.
  const resting = await good(alice, { TransactionType: 'OfferCreate', TakerGets: rlusd('120'), TakerPays: xrpToDrops(60) })
  const crossing = await good(bob, { TransactionType: 'OfferCreate', TakerGets: xrpToDrops(20), TakerPays: rlusd('40') })
  const offers = (await client.request({ command: 'account_offers', account: alice.address })).result.offers
  assert.deepEqual(offers.map((offer) => [offer.seq, offer.taker_gets.value]), [[resting.tx_json.Sequence, '80']])
  const books = (await client.request({ command: 'book_offers', ...book, ledger_index: 'validated' })).result.offers
  assert.equal(books.length, 1)
  assert.equal(books[0].owner_funds, '460')
  const orderbook = await client.getOrderbook({ currency: 'XRP' }, { currency: RLUSD, issuer: issuer.address })
  assert.equal(orderbook.buy.length + orderbook.sell.length, 1)
  const killed = await submit(bob, { TransactionType: 'OfferCreate', Flags: 0x00040000, TakerGets: xrpToDrops(500), TakerPays: rlusd('1000') })
  assert.equal(killed.meta.TransactionResult, 'tecKILLED')
  const memo = { Memo: { MemoData: convertStringToHex('a note') } }
  await good(alice, { TransactionType: 'OfferCancel', OfferSequence: resting.tx_json.Sequence, Memos: [memo] })
  await good(bob, { TransactionType: 'TicketCreate', TicketCount: 2 })
  const tickets = (await client.request({ command: 'account_objects', account: bob.address, type: 'ticket' })).result.account_objects
  assert.equal(tickets.length, 2)
  await good(bob, { TransactionType: 'OfferCreate', TicketSequence: tickets[0].TicketSequence, Sequence: 0, TakerGets: rlusd('10'), TakerPays: xrpToDrops(100) })
  await good(bob, { TransactionType: 'Payment', Destination: alice.address, Amount: rlusd('1'), SendMax: rlusd('2') })

  // What is not to happen, and does not.
  const dry = await client.simulate({ TransactionType: 'Payment', Account: alice.address, Destination: bob.address, Amount: xrpToDrops(5) })
  assert.equal(dry.result.engine_result, 'tesSUCCESS')
  assert.equal(dry.result.applied, false)
  assert.equal(dry.result.meta.delivered_amount, xrpToDrops(5))
  await assert.rejects(client.request({ command: 'no_such_command' }), (error) => error.data.error === 'unknownCmd' && error.data.error_code === 32)
  await assert.rejects(client.request({ command: 'account_info', account: Wallet.generate().address }), (error) => error.data.error === 'actNotFound')
  await assert.rejects(client.request({ command: 'peers' }), (error) => error.data.error === 'forbidden')

  // Reading it all again.
  const balances = await client.getBalances(bob.address)
  assert.equal(balances.find((balance) => balance.currency === RLUSD).value, '39')
  const owed = (await client.request({ command: 'gateway_balances', account: issuer.address, ledger_index: 'validated' })).result.obligations
  assert.deepEqual(owed, { [RLUSD]: '500' })
  const currencies = (await client.request({ command: 'account_currencies', account: bob.address })).result
  assert.deepEqual([currencies.receive_currencies, currencies.send_currencies], [[RLUSD], [RLUSD]])
  const definitions = (await client.request({ command: 'server_definitions' })).result
  assert.equal(definitions.TRANSACTION_TYPES.OfferCreate, 7)
  const entry = (await client.request({ command: 'ledger_entry', account_root: alice.address, ledger_index: 'validated' })).result
  assert.equal(dropsToXrp(entry.node.Balance), await client.getXrpBalance(alice.address))
  const state = await client.requestAll({ command: 'ledger_data', ledger_index: 'validated', limit: 5 }).catch((error) => error)
  assert.ok(state instanceof Error || state.length > 0)
  // The closed one first: another may close between the two questions.
  const closed = (await client.request({ command: 'ledger_closed' })).result.ledger_index
  assert.ok((await client.request({ command: 'ledger_current' })).result.ledger_current_index > closed)
  const fees = (await client.request({ command: 'fee' })).result
  assert.equal(fees.drops.open_ledger_fee, '10')
  const expanded = (await client.request({ command: 'ledger', ledger_index: crossing.ledger_index, transactions: true, expand: true })).result
  assert.ok(expanded.ledger.transactions.some((tx) => tx.hash === crossing.hash))
  const old = (await client.request({ command: 'tx', transaction: crossing.hash, api_version: 1 })).result
  assert.equal(old.hash, crossing.hash)
  assert.equal(old.inLedger, crossing.ledger_index)

  // A pool of these two, and swaps by an offer and by a payment that move it.
  const pair = { asset: { currency: 'XRP' }, asset2: { currency: RLUSD, issuer: issuer.address } }
  const pool = async () => (await client.request({ command: 'amm_info', ...pair, ledger_index: 'validated' })).result.amm
  await assert.rejects(pool(), (error) => error.data.error === 'actNotFound')
  await good(alice, { TransactionType: 'AMMCreate', Amount: xrpToDrops(100), Amount2: rlusd('200'), TradingFee: 300 })
  const fresh = await pool()
  assert.deepEqual([fresh.amount, fresh.amount2.value, fresh.trading_fee], [xrpToDrops(100), '200', 300])
  await good(bob, { TransactionType: 'OfferCreate', Flags: 0x00020000, TakerGets: xrpToDrops(10), TakerPays: rlusd('15') })
  const swapped = await pool()
  assert.equal(swapped.amount2.value, '185')
  assert.ok(Number(swapped.amount) > 108e6 && Number(swapped.amount) < 109e6, swapped.amount)
  const paid = await good(bob, { TransactionType: 'Payment', Destination: bob.address, Amount: rlusd('1'), SendMax: xrpToDrops(1) })
  assert.deepEqual(paid.meta.delivered_amount, rlusd('1'))
  assert.equal((await pool()).amount2.value, '184')

  const seen = new Set()
  for (const account of [issuer.address, alice.address, bob.address]) {
    const pages = []
    do {
      const marker = pages.at(-1)?.marker
      pages.push((await client.request({ command: 'account_tx', account, limit: 2, forward: true, marker })).result)
    } while (pages.at(-1).marker)
    assert.ok(pages.length > 1, `only one page of ${account}`)
    for (const { hash, meta, tx_json } of pages.flatMap((page) => page.transactions)) {
      if (!seen.has(hash)) say({ hash, meta, tx: tx_json, balances: getBalanceChanges(meta) })
      seen.add(hash)
    }
  }

  const streamed = heard.transaction.filter((message) => message.hash === crossing.hash)
  // transactions, transactions_proposed, the accounts, one side of the book; and once proposed on two of them.
  assert.equal(streamed.filter((message) => message.validated).length, 4, 'copies of a crossing offer')
  assert.equal(streamed.filter((message) => message.status === 'proposed').length, 2, 'proposed copies')
  assert.ok(streamed.every((message) => message.tx_json.TransactionType === 'OfferCreate'))
  for (let at = 1; at < heard.ledgerClosed.length; at += 1) {
    assert.equal(heard.ledgerClosed[at].ledger_index, heard.ledgerClosed[at - 1].ledger_index + 1)
  }
  const traded = heard.book_changes.filter((message) => message.changes.length > 0)
  assert.deepEqual(traded.map((message) => message.changes[0].volume_a), [xrpToDrops(20)])
  await client.request({ command: 'unsubscribe', streams: ['ledger', 'transactions'] })
  await client.disconnect()
  say({ done: seen.size, ledgers: heard.ledgerClosed.length, streamed: heard.transaction.length })
}

// A client that has disconnected keeps nothing alive: the process ends by itself, or it is said here.
const late = () => { console.error('still connected after disconnect()'); process.exit(2) }
main().then(() => setTimeout(late, 15000).unref(), (error) => { console.error(error); process.exit(1) })
