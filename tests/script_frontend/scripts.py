"""Scripts of ours that between them use the whole language; tests parse, print, check and mutate them."""

from __future__ import annotations

LINE = """/* a line with a machine */
Object source = Object.create("Source");
source.name = "Arrivals";
source.setLocation(0, 0, 0, 0.5, 0.5, 0);
source.setProperty("ArrivalStyle", "Inter-Arrival Time");
source.setProperty("InterArrivalTime", "Object current = ownerobject(c);\\nreturn exponential(0, 10, getstream(current));");
Object queue = Object.create("Queue");
queue.name = "Buffer";
queue.setProperty("MaxContent", 25);
queue.setProperty("ItemPlacement", "Stack Inside Queue");
Object mill = Object.create("Processor");
mill.location = Vec3(12, -4.5, 0);
mill.setProperty("ProcessTime", [5.7, "min"]);
mill.setProperty("UseProcessOperators", 1);
Object sink = Object.create("Sink");
contextdragconnection(source, queue, "A");
contextdragconnection(queue, mill, "A");
contextdragconnection(mill, sink, "A");
stoptime(hours(8));
return "ok";
"""

LOOPS = """Array machines = Array(4);
Object previous = 0;
Object other = 0;
for (int i = 1; i <= machines.length; i++) {
    Object made = Object.create(i % 2 == 0 ? "Processor" : "Queue");
    made.name = "Station " + string.fromNum(i);
    made.setLocation(i * 6.0, 0, 0);
    machines[i] = made;
    if (i == 1) {
        previous = other = made;
    } else if (i > 1 && i < 4 || i == 4) {
        contextdragconnection(previous, made, "A");
        previous = made;
    } else
        print("none", i);
}
int n = 0;
while (n < 10) {
    n += 2;
    if (n == 6) continue;
    if (n >= 8) break;
}
switch (n) {
    case 1:
    case 2: print("few"); break;
    case 8: {
        n--;
        break;
    }
    default: n = -1;
}
forobjecttreeunder(model()) {
    if (isclasstype(a, "Queue")) a.as(Object).color = Color.red;
}
"""

SYNTAX = """#define LIMIT 12
#define SIDE (2 + 3) /* a side */
unsigned int flags = 0x1F & ~3 | 1 << 2 ^ 4;
double small = .5e-3, large = 1e6, point = 2.;
Storage.Slot slot = Storage.system.querySlots("WHERE Usable")[1];
treenode node1 = Model.find("A/B")?.find(">variables");
Variant label = node1.Rush? ;
int same = label.is(string) ? 1 : label == nullvar;
string text = "quote \\" back \\\\ line \\
continued \\t tab";
string regex = text.replace(/[a-z\\/]+\\d*/g, "x");
int letter = '9';
Array nested = [1, "two", [3.5, [LIMIT, SIDE]], []];
nested[3][2][1] += nested.length - -1 * (1 + 2) % 3;
int i1 = 1, j1;
for (i1 = 1, j1 = 9; i1 < j1; i1++, --j1) ;
do { i1 -= 1; } while (i1 > 0);
Table found = Table.query("SELECT * FROM T WHERE x = $1", $iter(1));
double total = (double)i1 / 2;
total *= 2; total /= 3;
iterate(1, 3, 1) { print(count); }
if (!node1) return /***popup:Direct*//**/normal(10, 2, getstream(node1))/**direct*/;
await Delay.seconds(3);
return total > 1 ? i1 : j1 > 2 ? 3 : 4;
"""

BODY = """/**By Percentage*/
Object current = ownerobject(c);
Object item = param(1);
int port = param(2);
treenode cursor = current.labels.assert("cursor", 1);
if (item.Type == 2) {
    cursor.value += 1;
    return bernoulli(70, 1, 2, getstream(current));
}
return item.Type == 3 ? triangular(4, 9, 6, getstream(current)) : Math.max(0.001, normal(30, 4, getstream(current)));
"""

OLD = """treenode template = library().find("?Processor");
treenode made = createinstance(template, model());
setname(made, concat("Press ", numtostring(1, 0, 0)));
setloc(made, 1, 2, 0);
setvarnum(made, "maxcontent", 3);
if (objectexists(node("/Press 1", model()))) pt("there");
"""

ALL = (LINE, LOOPS, SYNTAX, BODY, OLD)
