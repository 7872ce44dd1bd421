// xrpl.js as a peer: reads one command a line as JSON, answers one line. Started by `cargo bench` with the path of the
// inputs. `check` gives results to compare, `run` repeats a work for some milliseconds and gives count and nanoseconds.
'use strict'
const fs = require('fs')
const xrpl = require('xrpl')

const inputs = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))
const wallets = {}
for (const [kind, key] of Object.entries(inputs.keys)) {
  const algorithm = kind === 'ed25519' ? 'ed25519' : 'ecdsa-secp256k1'
  wallets[kind] = xrpl.Wallet.fromSeed(key.seed, { algorithm })
}

function offer(kind, sequence) {
  return { ...inputs.offer, Account: wallets[kind].classicAddress, Sequence: sequence, OfferSequence: sequence - 1 }
}

function balances(text) {
  return xrpl.getBalanceChanges(JSON.parse(text).meta)
}

// Whether an offer's amounts are XRP and the RLUSD of an issuer.
function isPair(a, b, issuer) {
  const xrp = typeof a === 'string' ? a : b
  const other = typeof a === 'string' ? b : a
  return typeof xrp === 'string' && other.issuer === issuer && other.currency === inputs.currency
}

const books = {}

// Balance changes and the order book after a transaction message; gives the offers that changed.
function follow(text, data) {
  const { meta } = JSON.parse(text)
  xrpl.getBalanceChanges(meta)
  const issuer = inputs.issuers[data]
  const book = (books[data] = books[data] || new Map())
  const changed = []
  for (const wrapped of meta.AffectedNodes) {
    const kind = Object.keys(wrapped)[0]
    const node = wrapped[kind]
    if (node.LedgerEntryType !== 'Offer') continue
    const fields = node.NewFields || node.FinalFields
    if (!isPair(fields.TakerGets, fields.TakerPays, issuer)) continue
    if (kind === 'DeletedNode') book.delete(node.LedgerIndex)
    else book.set(node.LedgerIndex, [fields.BookDirectory, fields.TakerGets, fields.TakerPays])
    changed.push(node.LedgerIndex)
  }
  return changed
}

// A ledger's messages, then a bid and an ask; the header's message is read too.
function tick(messages, i) {
  const changed = []
  for (const text of messages) {
    if (text.includes('"ledgerClosed"')) JSON.parse(text)
    else changed.push(...follow(text, 'session'))
  }
  for (let k = 0; k < 2; k++) kept = wallets.ed25519.sign(offer('ed25519', inputs.sequence + 2 * i + k))
  return changed
}

// Each work: how many inputs there are, what is done with input i, and the result as it is compared.
function work(name, data) {
  const [verb, kind] = name.split(' ')
  const items = inputs.data[data]
  const same = (result) => result
  switch (verb) {
    case 'sign':
      return { length: inputs.checks, op: (i) => wallets[kind].sign(offer(kind, inputs.sequence + i)), show: (s) => [s.tx_blob, s.hash] }
    case 'verify': {
      const blobs = inputs.keys[kind].signed
      return { length: blobs.length, op: (i) => wallets[kind].verifyTransaction(blobs[i % blobs.length]), show: same }
    }
    case 'decode': return { length: items.length, op: (i) => xrpl.decode(items[i % items.length].tx_blob), show: same }
    case 'encode': return { length: items.length, op: (i) => xrpl.encode(items[i % items.length].tx_json), show: same }
    case 'decode-meta': return { length: items.length, op: (i) => xrpl.decode(items[i % items.length].meta_blob), show: same }
    case 'explain': return {
      length: items.length,
      op: (i) => balances(items[i % items.length].message),
      show: (all) => all.flatMap(({ account, balances }) => balances.map((b) => [account, b.currency, b.issuer || '', b.value])),
    }
    case 'message': return { length: items.length, op: (i) => follow(items[i % items.length].message, data), show: same }
    case 'tick': return { length: inputs.ticks.length, op: (i) => tick(inputs.ticks[i % inputs.ticks.length], i), show: same }
    default: throw new Error(`no work named ${name}`)
  }
}

const turn = {}
let kept

function run({ work: name, data, ms }) {
  const { op } = work(name, data)
  const key = `${name}/${data}`
  const budget = BigInt(ms) * 1000000n
  let i = turn[key] || 0
  const from = i
  const start = process.hrtime.bigint()
  let elapsed
  do {
    for (let k = 0; k < 4; k++) kept = op(i++)
    elapsed = process.hrtime.bigint() - start
  } while (elapsed < budget)
  turn[key] = i
  return { count: i - from, ns: Number(elapsed) }
}

function check({ work: name, data }) {
  const { length, op, show } = work(name, data)
  const results = []
  for (let i = 0; i < length; i++) {
    try { results.push(show(op(i))) } catch (error) { results.push({ error: String(error.message || error).slice(0, 200) }) }
  }
  return { results }
}

const commands = {
  hello: () => ({ name: `xrpl.js ${require('xrpl/package.json').version}`, runtime: `node ${process.version}` }),
  check, run,
}

require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  let answer
  try {
    const command = JSON.parse(line)
    answer = commands[command.do](command)
  } catch (error) {
    answer = { error: String(error.stack || error).slice(0, 500) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
})
