//! Managed prefix lists: AWS's own for S3, and the customer's.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::addresses::{Block, partner_range, public_range};
use super::plan::{Place, Plan, PrefixList};
use super::record::{Record, Table};
use crate::draws::Draws;

/// Ranges of S3, the same in every Region here.
const S3: [(u32, u32); 3] = [(0x34d8_0000, 15), (0x36e7_0000, 16), (0x10b6_0000, 16)];

pub(super) fn managed_prefix_lists<W: Write>(
    plan: &Plan,
    place: Place,
    table: &mut Table<'_, W>,
) -> io::Result<()> {
    for list in plan.prefix_lists(place) {
        let own = list.number > 0;
        table.record(|r| {
            r.text("PrefixListId", list.id());
            r.text("AddressFamily", "IPv4");
            r.text("State", "create-complete");
            let account = if own { place.account() } else { "aws".to_owned() };
            let arn = format_args!("arn:aws:ec2:{}:{account}:prefix-list/{}", place.region(), list.id())
                .to_string();
            r.text("PrefixListArn", arn);
            if own {
                r.text("PrefixListName", format_args!("partners-{}", list.number));
                r.plain("MaxEntries", plan.parameters.prefix_list_entries);
                r.plain("Version", 1);
            } else {
                r.text("PrefixListName", format_args!("com.amazonaws.{}.s3", place.region()));
            }
            r.list("Tags", |_| {});
            r.text("OwnerId", if own { place.account() } else { "AWS".to_owned() });
        })?;
    }
    Ok(())
}

/// Writes the answer of `get-managed-prefix-list-entries` for one list.
pub(super) fn entries<W: Write>(list: PrefixList<'_>, out: &mut W) -> io::Result<()> {
    let mut answer = Record::default();
    answer.document(|r| {
        r.text("PrefixListId", list.id());
        r.list("Entries", |entries| {
            for block in blocks(list) {
                entries.item(|r| {
                    r.text("Cidr", block);
                    if list.number > 0 {
                        r.text("Description", "");
                    }
                });
            }
        });
    });
    writeln!(out, "{}", answer.as_str())
}

fn blocks(list: PrefixList<'_>) -> BTreeSet<Block> {
    if list.number == 0 {
        return S3.into_iter().map(|(first, length)| Block::new(first, length)).collect();
    }
    let mut draws = Draws::new(list.plan.seed, "prefix list", &[list.number.into()]);
    let mut blocks = BTreeSet::new();
    // The first is inside the network, the rest are public. Equal ones fall together, so draw until there are
    // enough of them.
    blocks.insert(Block::new((10 << 24) | draws.below(1 << 24), 20));
    while blocks.len() < list.plan.parameters.prefix_list_entries as usize {
        let shared = draws.chance(50);
        blocks.insert(if shared {
            partner_range(list.plan.seed, &mut draws)
        } else {
            public_range(&mut draws)
        });
    }
    blocks
}
