#include "report/page_style.hpp"

namespace cohort::report {

std::string_view page_style() {
  return R"css(
:root{color-scheme:light dark;--ground:#f6f7f9;--surface:#fff;--ink:#1c2127;--soft:#5b6570;--rule:#dde1e6;
--band:#f1f3f6;--line:#1d5fc4;--dot:#5d86c4;--good:#136c37;--good-ground:#dff3e6;--fair:#7d5200;
--fair-ground:#fbeecf;--bad:#a91f17;--bad-ground:#fbe3e1;--void:#505a66;--void-ground:#e9ecf0}
@media screen and (prefers-color-scheme:dark){:root{--ground:#14171b;--surface:#1c2025;--ink:#e6e9ed;
--soft:#9aa5b1;--rule:#323941;--band:#22272d;--line:#77aefc;--dot:#6f93c8;--good:#7fd8a0;--good-ground:#16361f;
--fair:#f0c36a;--fair-ground:#3b2e10;--bad:#ff9b92;--bad-ground:#45191a;--void:#b5bfca;--void-ground:#2d333a}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1240px;margin:0 auto;padding:28px 24px 56px}
h1{font-size:28px;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em}
h2{font-size:19px;line-height:1.3;margin:0 0 10px}
p{margin:0 0 10px;max-width:76ch}
small{font-size:.86em;color:var(--soft)}
code{font:.87em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.digest{cursor:help;white-space:nowrap}
sup{font-size:.7em;line-height:1}
bdi{overflow-wrap:anywhere}
header p{color:var(--soft)}
section{background:var(--surface);border:1px solid var(--rule);border-radius:10px;padding:20px 22px;
margin:18px 0 0}
.notice{background:var(--fair-ground);color:var(--fair);border-radius:8px;padding:8px 12px;max-width:none}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(180px,1fr));gap:12px;margin:18px 0 0}
.figures div{background:var(--surface);border:1px solid var(--rule);border-radius:10px;padding:12px 16px}
.figures dt{color:var(--soft);font-size:13px}
.figures dd{margin:0;font-size:24px;line-height:1.3;font-weight:600;font-variant-numeric:tabular-nums;
overflow-wrap:anywhere}
.figures dd+dd{font-size:13px;font-weight:400;color:var(--soft)}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:3px 18px;margin:0}
.facts dt{color:var(--soft)}
.facts dd{margin:0;overflow-wrap:anywhere}
.chart{margin:0}
.chart>svg{display:block;width:100%;height:auto;max-height:430px;overflow:visible}
.chart text{font-size:11.5px;fill:var(--soft)}
.chart .end{text-anchor:end}.chart .mid{text-anchor:middle}.chart .start{text-anchor:start}
.chart .value{fill:var(--line);font-weight:700;font-size:13px;paint-order:stroke;stroke:var(--surface);
stroke-width:4px}
.rule{stroke:var(--rule)}
.band{fill:var(--band)}
.model-line{fill:none;stroke:var(--line);stroke-width:2.5}
.model{fill:var(--line);stroke:var(--surface);stroke-width:2}
.merged{fill:var(--dot);stroke:var(--dot)}
.accepted{fill:var(--surface);stroke:var(--dot);stroke-width:1.6}
.refused{fill:none;stroke:var(--bad);stroke-width:2}
figcaption{display:flex;flex-wrap:wrap;gap:4px 20px;margin-top:8px;color:var(--soft);font-size:13px}
.key{display:inline-flex;align-items:center;gap:6px}
.key svg{width:18px;height:14px}
.wide{overflow-x:auto;margin:12px 0 14px}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:7px 11px 7px 0;border-bottom:1px solid var(--rule)}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--soft);font-weight:500;font-size:13px;vertical-align:bottom;border-bottom-color:var(--soft)}
tbody th{font-weight:600;min-width:6.5em;max-width:16em}
.number{text-align:right;font-variant-numeric:tabular-nums}
td.number{white-space:nowrap}
td.share{min-width:7.5em;white-space:normal;overflow-wrap:anywhere;max-width:16em}
td.setting{min-width:12em;max-width:18em;font-size:13px;overflow-wrap:anywhere}
.pair{display:block}
.nothing{color:var(--soft)}
.yes{font-weight:600;color:var(--good)}
.bar{display:block;height:4px;margin-top:3px;border-radius:2px;background:var(--band)}
.bar span{display:block;height:4px;border-radius:2px;background:var(--dot);margin-left:auto}
.chip{display:inline-block;padding:0 8px;border-radius:9px;font-size:12px;font-weight:600;line-height:19px;
white-space:nowrap}
.good{color:var(--good);background:var(--good-ground)}
.fair{color:var(--fair);background:var(--fair-ground)}
.bad{color:var(--bad);background:var(--bad-ground)}
.void{color:var(--void);background:var(--void-ground)}
.verdict-cell{min-width:11em;max-width:24em}
.brief{font-size:13px}
.detail{display:block;font-size:13px;color:var(--soft)}
.outcome{font-weight:600;max-width:none}
tbody tr:last-child>*{border-bottom:0}
.story{margin:0 0 10px;padding-left:20px;color:var(--soft)}
.story li{max-width:90ch}
.digests{color:var(--soft);margin:0}
.legend{display:grid;grid-template-columns:max-content 1fr;gap:7px 14px;margin:0 0 14px;align-items:baseline}
.legend dd{margin:0}
footer{color:var(--soft);font-size:13px;margin-top:22px}
footer p{max-width:none}
@media screen and (max-width:760px){
main{padding:18px 12px 40px}h1{font-size:23px}section{padding:16px 14px}
.figures{grid-template-columns:1fr 1fr}.figures dd{font-size:20px}
.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:7px}
.chart text{font-size:24px}.chart .value{font-size:27px}
.wide{overflow-x:visible}
.cards thead{display:none}
.cards,.cards tbody{display:block}
.cards tr{display:grid;grid-template-columns:repeat(auto-fill,minmax(95px,1fr));gap:7px 12px;padding:12px 0;
border-bottom:1px solid var(--rule)}
.cards tr:last-child{border-bottom:0}
.cards th,.cards td{display:block;border:0;padding:0;text-align:left;min-width:0;max-width:none;
white-space:normal}
.cards tbody th,.cards .verdict-cell,.cards .setting{grid-column:1/-1}
.cards td::before{content:attr(data-label);display:block;font-size:12px;color:var(--soft)}
.cards .verdict-cell{order:-2}.cards tbody th{order:-3;font-size:16px}.cards .setting{order:-1}
.pair+.pair::before{content:", "}.pair{display:inline}
.cards .verdict-cell::before{content:none}
.bar{display:none}
.legend{grid-template-columns:1fr;gap:2px}.legend dd{margin-bottom:8px}
}
@media print{
body{background:none;font-size:10pt}main{max-width:none;padding:0}
section,.figures div{border-color:#bbb;break-inside:auto;padding:10pt}
table{font-size:8.5pt}th,td{padding-right:7pt}
.wide{overflow:visible}tr,.chart,.figures{break-inside:avoid}h2{break-after:avoid}thead{display:table-header-group}
.verdict-cell,td.share,tbody th,td.setting{min-width:0}
.chip{border:1px solid currentColor}
}
)css";
}

}  // namespace cohort::report
