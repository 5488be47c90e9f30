// pellicle line: a dispatcher with two task executers moves the masks; the mounter fails
double x = 0;
Object last = NULL;
Object mover = Object.create("Dispatcher");
mover.name = "Dispatcher";
mover.setLocation(16, 8, 0);
for (int i = 1; i <= 5; i++) {
    Object here;
    switch (i) {
        case 1:
            here = Object.create("Source");
            here.name = "Pellicle Frames";
            here.setProperty("InterArrivalTime", "Object current = ownerobject(c);\nreturn exponential(0, 200, getstream(current));");
            break;
        case 5:
            here = Object.create("Sink");
            here.name = "Mask Vault";
            break;
        default:
            here = Object.create("Processor");
            here.name = ["", "Mask Cleaner", "Defect Scan", "Pellicle Mounter"][i];
            contextdragconnection(here, mover, "S");
            here.setProperty("UseTransport", 1);
    }
    here.location.x = x;
    x += 9;
    if (last)
        contextdragconnection(last, here, "A");
    last = here;
}
Object cleaner = Model.find("Mask Cleaner");
cleaner.setProperty("ProcessTime", 160);
Object scan = Model.find("Defect Scan");
scan.setProperty("ProcessTime", "Object current = ownerobject(c);\nreturn normal(170, 15, getstream(current));");
Object mounter = Model.find("Pellicle Mounter");
mounter.setProperty("ProcessTime", "Object current = ownerobject(c);\nreturn triangular(120, 200, 150, getstream(current));");
treenode stops = Tools.create("MTBFMTTR");
stops.name = "Mounter Stops";
mounter.labels.assert("breakdown").value = ["return exponential(0, hours(8), 1);", "return uniform(minutes(10), minutes(30), 1);"];
mounter.setProperty("MTBFMTTRs", [stops]);
for (int k = 1; k <= 2; k++) {
    Object executer = Object.create("TaskExecuter");
    executer.name = "Task Executer " + string.fromNum(k);
    executer.setLocation(12 + 6 * k, 12, 0);
    contextdragconnection(mover, executer, "A");
}
stoptime(hours(24));
