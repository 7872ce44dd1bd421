//! Two hundred mixed transactions for programs that nobody here wrote: payments of both kinds, across the book and the
//! pool and in part, offers with every flag, cancels and replacements, trust lines, tickets, pool deposits, withdrawals,
//! votes and bids. Drawn by a fixed seed. In the documents `$name` stands for an account's address, `{"step": n}` for the
//! sequence number of the n-th transaction, `{"step": n, "plus": k}` for k more than that.

use serde_json::{Value, json};

/// The accounts that trade, beside `issuer`.
pub const TRADERS: [&str; 4] = ["ann", "bob", "cat", "dan"];
/// How many are drawn after the set-up.
pub const DRAWN: usize = 200;
const SEED: u64 = 20_261_121;
const CODE: &str = "524C555344000000000000000000000000000000";

/// What is sent, in order: `[account, transaction]` each.
pub fn plan() -> Vec<Value> {
    let mut steps = set_up();
    let mut draw = Draw { state: SEED, offers: Vec::new(), tickets: Vec::new() };
    for _ in 0..DRAWN {
        let step = draw.step(steps.len());
        steps.push(step);
    }
    steps
}

fn set_up() -> Vec<Value> {
    let mut steps = vec![json!(["issuer", {"TransactionType": "AccountSet", "SetFlag": 8}])];
    for name in TRADERS {
        steps.push(json!([name, {"TransactionType": "TrustSet", "LimitAmount": rlusd(1_000_000)}]));
    }
    for name in TRADERS {
        steps.push(
            json!(["issuer", {"TransactionType": "Payment", "Destination": format!("${name}"), "Amount": rlusd(2_000)}]),
        );
    }
    steps.push(json!(["ann", {"TransactionType": "AMMCreate", "Amount": drops(400), "Amount2": rlusd(800), "TradingFee": 300}]));
    steps
}

fn rlusd(value: u64) -> Value {
    json!({"currency": CODE, "issuer": "$issuer", "value": value.to_string()})
}

fn drops(xrp: u64) -> Value {
    json!((xrp * 1_000_000).to_string())
}

fn pair(mut tx: Value) -> Value {
    tx["Asset"] = json!({"currency": "XRP"});
    tx["Asset2"] = json!({"currency": CODE, "issuer": "$issuer"});
    tx
}

struct Draw {
    state: u64,
    /// Steps that placed an offer, with who did.
    offers: Vec<(usize, usize)>,
    /// Tickets not used yet: step that made them, who, and which.
    tickets: Vec<(usize, usize, u64)>,
}

impl Draw {
    /// xorshift64.
    fn below(&mut self, n: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % n
    }

    fn step(&mut self, number: usize) -> Value {
        let who = self.below(TRADERS.len() as u64) as usize;
        let other = TRADERS[(who + 1 + self.below(3) as usize) % TRADERS.len()];
        let tx = match self.below(20) {
            0 => {
                json!({"TransactionType": "Payment", "Destination": format!("${other}"), "Amount": drops(1 + self.below(5))})
            }
            1 => {
                json!({"TransactionType": "Payment", "Destination": format!("${other}"), "Amount": rlusd(1 + self.below(40)),
                        "SendMax": rlusd(50)})
            }
            2 | 3 => self.across(other),
            4 => self.cancel(who),
            5 => self.ticket(who, number),
            6 => json!({"TransactionType": "AccountSet", "SetFlag": 16}),
            7 => json!({"TransactionType": "TrustSet", "LimitAmount": rlusd(500_000 + self.below(500_000))}),
            8 => pair(
                json!({"TransactionType": "AMMDeposit", "Flags": 0x0008_0000, "Amount": drops(1 + self.below(20))}),
            ),
            9 => pair(
                json!({"TransactionType": "AMMWithdraw", "Flags": 0x0008_0000, "Amount": rlusd(1 + self.below(20))}),
            ),
            10 => pair(json!({"TransactionType": "AMMVote", "TradingFee": 100 + self.below(900)})),
            11 => pair(json!({"TransactionType": "AMMBid"})),
            _ => self.offer(who, number),
        };
        let tx = if self.below(6) == 0 { self.by_ticket(who, tx) } else { tx };
        json!([TRADERS[who], tx])
    }

    /// XRP into the quote currency, or back, through whatever pays; a third of them in part.
    fn across(&mut self, other: &str) -> Value {
        let (wanted, most) = (10 + self.below(30), 8 + self.below(20));
        let mut tx = json!({"TransactionType": "Payment", "Destination": format!("${other}")});
        (tx["Amount"], tx["SendMax"]) =
            if self.below(2) == 0 { (rlusd(wanted), drops(most)) } else { (drops(most), rlusd(wanted)) };
        if self.below(3) == 0 {
            tx["Flags"] = json!(0x0002_0000);
        }
        tx
    }

    fn offer(&mut self, who: usize, number: usize) -> Value {
        // About 2 RLUSD for one XRP, so that some cross.
        let xrp = 5 + self.below(40);
        let quote = xrp * (170 + self.below(60)) / 100;
        let mut tx = json!({"TransactionType": "OfferCreate"});
        (tx["TakerGets"], tx["TakerPays"]) =
            if self.below(2) == 0 { (rlusd(quote), drops(xrp)) } else { (drops(xrp), rlusd(quote)) };
        // None four times, passive, immediate or cancel, fill or kill, sell.
        let flags = [0, 0, 0, 0, 0x0001_0000, 0x0002_0000, 0x0004_0000, 0x0008_0000][self.below(8) as usize];
        if flags != 0 {
            tx["Flags"] = json!(flags);
        }
        let own = self.offers.iter().rev().find(|(owner, _)| *owner == who).map(|(_, step)| *step);
        if let Some(own) = own
            && self.below(4) == 0
        {
            tx["OfferSequence"] = json!({"step": own});
        }
        self.offers.push((who, number));
        tx
    }

    /// Of an own offer, which may be gone, or of none.
    fn cancel(&mut self, who: usize) -> Value {
        let own: Vec<usize> =
            self.offers.iter().filter(|(owner, _)| *owner == who).map(|(_, step)| *step).collect();
        let which = if own.is_empty() {
            json!(1)
        } else {
            json!({"step": own[self.below(own.len() as u64) as usize]})
        };
        json!({"TransactionType": "OfferCancel", "OfferSequence": which})
    }

    fn ticket(&mut self, who: usize, number: usize) -> Value {
        let count = 1 + self.below(3);
        self.tickets.extend((1..=count).map(|nth| (who, number, nth)));
        json!({"TransactionType": "TicketCreate", "TicketCount": count})
    }

    fn by_ticket(&mut self, who: usize, mut tx: Value) -> Value {
        // A ticket that is made by a ticket of its own is numbered from the account's sequence, which is not known here.
        if tx["TransactionType"] == "TicketCreate" {
            return tx;
        }
        if let Some(at) = self.tickets.iter().position(|(owner, ..)| *owner == who) {
            let (_, step, nth) = self.tickets.remove(at);
            tx["TicketSequence"] = json!({"step": step, "plus": nth});
        }
        tx
    }
}
