//! Parts of a question without which packets would get through.

use crate::{Analysis, Place, Question, Verdict};

use super::{Code, Explanation, Member, private};

/// A part of a question: its code, what is asked, and the same question without it.
struct Asked {
    code: Code,
    what: String,
    without: Question,
}

impl Asked {
    fn explanation(&self) -> Explanation {
        Explanation::new(
            self.code,
            format!("the question asks for {}, and packets get there without", self.what),
        )
    }
}

/// What a question asks of ways and of arriving packets that keeps every packet back; or addresses that nothing at an
/// internet gateway can have. Empty if that is not to blame.
pub(super) fn explanations(analysis: &Analysis, question: &Question) -> Vec<Explanation> {
    let address = (&question.source, question.destination_ip);
    let is_border = |place: &Place| match place {
        Place::Internet => true,
        Place::Address(_) => false,
        Place::Resource(text) => scope::selection::by_text(analysis.graph(), text)
            .into_iter()
            .any(|id| analysis.graph().resource(id).kind == "AWS::EC2::InternetGateway"),
    };
    let (place, net) = address;
    if let Some(net) = net.filter(|net| is_border(place) && private(net.addr()).is_some()) {
        let text = format!("`{net}` is not public, and what comes in by {place} is for public addresses");
        let at = Explanation::new(Code::IgwExpectsPublicAddress, text);
        return vec![at.text(Member::Address, net.addr().to_string())];
    }
    let mut asked = Vec::new();
    let mut part = |code, what: String, change: &dyn Fn(&mut Question)| {
        let mut without = question.clone();
        change(&mut without);
        asked.push(Asked { code, what, without });
    };
    if !question.through.is_empty() {
        let what = format!("a way through {}", question.through.join(" and "));
        part(Code::ComponentFilterRestriction, what, &|it| it.through.clear());
    }
    if !question.avoid.is_empty() {
        let what = format!("a way past {}", question.avoid.join(" and "));
        part(Code::ComponentFilterRestrictionRemovedComponent, what, &|it| it.avoid.clear());
    }
    let arriving = &question.arriving;
    if let Some(net) = arriving.source_ip {
        let code = Code::FilterAtDestinationSourceAddress;
        part(code, format!("packets that arrive from {net}"), &|it| it.arriving.source_ip = None);
    }
    if let Some(net) = arriving.destination_ip {
        let code = Code::FilterAtDestinationDestinationAddress;
        part(code, format!("packets that arrive for {net}"), &|it| it.arriving.destination_ip = None);
    }
    if let Some(ports) = &arriving.source_port {
        let code = Code::FilterAtDestinationSourcePortRange;
        let what = format!("packets that arrive from port {}-{}", ports.start(), ports.end());
        part(code, what, &|it| it.arriving.source_port = None);
    }
    if let Some(ports) = &arriving.destination_port {
        let code = Code::FilterAtDestinationDestinationPortRange;
        let what = format!("packets that arrive for port {}-{}", ports.start(), ports.end());
        part(code, what, &|it| it.arriving.destination_port = None);
    }
    blamed(analysis, &asked, question, |it| {
        it.through.clear();
        it.avoid.clear();
        it.arriving = crate::Header::default();
    })
}

/// Of several parts those without which, each alone, packets get through; if that takes more, all of them if packets
/// get through without all.
fn blamed(
    analysis: &Analysis,
    asked: &[Asked],
    question: &Question,
    clear: impl Fn(&mut Question),
) -> Vec<Explanation> {
    if asked.is_empty() {
        return Vec::new();
    }
    let mut engine = analysis.engine();
    let mut reaches =
        |question: &Question| analysis.answer_with(&mut engine, question).verdict == Verdict::Reachable;
    let alone: Vec<Explanation> =
        asked.iter().filter(|part| reaches(&part.without)).map(Asked::explanation).collect();
    if !alone.is_empty() || asked.len() == 1 {
        return alone;
    }
    let mut without = question.clone();
    clear(&mut without);
    if reaches(&without) { asked.iter().map(Asked::explanation).collect() } else { Vec::new() }
}
