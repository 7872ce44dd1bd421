// The script of two hundred transactions (the second argument, a file) sent by the unmodified xrpl.js, one after another
// without waiting; then all that was validated, each with what the library's own parser says of it.
const assert = require('node:assert/strict')
const fs = require('node:fs')
const { Client, Wallet, ECDSA, getBalanceChanges, xrpToDrops } = require('xrpl')

const [url, file] = process.argv.slice(2)
const say = (document) => process.stdout.write(`${JSON.stringify(document)}\n`)

async function main() {
  const client = new Client(url)
  await client.connect()
  const genesis = Wallet.fromSeed('snoPBrXtMeMyMHUVTgbuqAfg1SUTb', { algorithm: ECDSA.secp256k1 })
  const names = ['issuer', 'ann', 'bob', 'cat', 'dan']
  const wallets = Object.fromEntries(names.map((name, n) => [name, Wallet.fromEntropy(new Array(16).fill(n + 1))]))
  const closed = async () => (await client.request({ command: 'ledger', ledger_index: 'validated' })).result.ledger_index
  const ledgersPass = async (n) => {
    const until = (await closed()) + n
    while ((await closed()) < until) await new Promise((done) => setTimeout(done, 100))
  }
  for (const name of names) {
    const tx = { TransactionType: 'Payment', Account: genesis.address, Destination: wallets[name].address, Amount: xrpToDrops(5000) }
    const { result } = await client.submit(tx, { wallet: genesis, autofill: true })
    assert.equal(result.engine_result, 'tesSUCCESS', JSON.stringify(result))
  }
  await ledgersPass(2)

  const sequences = []
  const filled = (value) => {
    if (typeof value === 'string' && value.startsWith('$')) return wallets[value.slice(1)].address
    if (value === null || typeof value !== 'object') return value
    if ('step' in value) return sequences[value.step] + (value.plus ?? 0)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner)]))
  }
  const steps = JSON.parse(fs.readFileSync(file, 'utf8'))
  const results = {}
  for (const [name, template] of steps) {
    const tx = { ...filled(template), Account: wallets[name].address }
    if ('TicketSequence' in tx) tx.Sequence = 0
    const prepared = await client.autofill(tx)
    sequences.push(prepared.TicketSequence ?? prepared.Sequence)
    const { result } = await client.submit(prepared, { wallet: wallets[name] })
    results[result.engine_result] = (results[result.engine_result] ?? 0) + 1
    // What the set-up and a ticket make is needed by what follows.
    if (sequences.length <= 10 || tx.TransactionType === 'TicketCreate') await ledgersPass(1)
  }
  await ledgersPass(3)

  const seen = new Set()
  for (const name of names) {
    let marker
    do {
      const page = (await client.request({ command: 'account_tx', account: wallets[name].address, limit: 50, forward: true, marker })).result
      for (const { hash, meta, tx_json } of page.transactions) {
        if (!seen.has(hash)) say({ hash, meta, tx: tx_json, balances: getBalanceChanges(meta) })
        seen.add(hash)
      }
      marker = page.marker
    } while (marker)
  }
  await client.disconnect()
  say({ done: seen.size, sent: steps.length, results })
}

main().catch((error) => { console.error(error); process.exit(1) })
