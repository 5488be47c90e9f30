// three lines of an appliance plant, 40 stations: parts are machined, pressed, painted; each line assembles, inspects and packs
Array lineNames = ["Drum", "Panel", "Motor"];
Array steps = ["Infeed", "Buffer", "First", "Feed Belt", "Second", "Third", "Rack", "Assembly", "Transfer Belt", "AOI Inspection", "Packaging", "Accumulation", "Dock"];
Array first = ["CNC Mill", "Stamping Press", "CNC Lathe"];
Array second = ["Welding Cell", "Press Brake", "Winding Bench"];
Array third = ["Paint Booth", "Paint Booth", "Curing Oven"];
Object dispatcher = Object.create("Dispatcher");
dispatcher.name = "Shift Desk";
dispatcher.setLocation(-4, -8, 0);
for (int line = 1; line <= 3; line++) {
    Object previous;
    for (int i = 1; i <= steps.length; i++) {
        string name = steps[i];
        string class = "Processor";
        if (i == 1) { class = "Source"; }
        if (i == 2 || i == 7 || i == 12) { class = "Queue"; }
        if (i == 3) { name = first[line]; }
        if (i == 4 || i == 9) { class = "StraightConveyor"; }
        if (i == 5) { name = second[line]; }
        if (i == 6) { name = third[line]; }
        if (i == 13) { class = "Sink"; }
        Object station = Object.create(class);
        station.name = lineNames[line] + " " + name;
        station.setLocation(6 * (i - 1), 10 * (line - 1), 0);
        if (i == 1) { station.setProperty("InterArrivalTime", "Object current = ownerobject(c);\nreturn exponential(0, 40, getstream(current));"); }
        if (class == "Queue") { station.setProperty("MaxContent", 12); }
        if (class == "Processor") { station.setProperty("ProcessTime", "Object current = ownerobject(c);\nreturn triangular(24, 44, 33, getstream(current));"); }
        if (class == "Processor") {
            if (i == 3 || i == 8) {
                contextdragconnection(station, dispatcher, "S");
                station.setProperty("UseProcessOperators", 1);
            }
        }
        if (i > 1) { contextdragconnection(previous, station, "A"); }
        previous = station;
    }
}
Object rework = Object.create("Processor");
rework.name = "Rework Bench";
rework.setLocation(54, 25, 0);
rework.setProperty("ProcessTime", 90);
contextdragconnection(Model.find("Panel AOI Inspection"), rework, "A");
contextdragconnection(rework, Model.find("Panel Packaging"), "A");
for (int n = 1; n <= 5; n++) {
    Object person = Object.create("Operator");
    person.name = "Operator " + string.fromNum(n);
    contextdragconnection(dispatcher, person, "A");
}
for (int v = 1; v <= 2; v++) {
    Object truck = Object.create("TaskExecuter");
    truck.name = "AGV " + string.fromNum(v);
    truck.setLocation(20 * v, 5, 0);
    Object packer = Model.find(lineNames[v] + " Packaging");
    packer.setProperty("UseTransport", 1);
    contextdragconnection(packer, truck, "S");
}
stoptime(hours(8));
return "ok";
