// what language models get wrong by habit: every line below with a mistake is named in diagnostics.json
Object source = createObject("Source");
Object queue = Object.create("queue");
Object machine = Object.create("Processor");
machine.setName("CNC Mill");
machine.setProperty("Capacity", 2);
machine.setProperty("Process Time", 30);
machine.setProperty("ProcessTime", "return triangular(5, 10, 15, getstream(current));");
machine.setProperty("SetupTime", "return exponential(10);");
Object operator1 = Object.create("TaskExecutor");
Object sink = Object.create("Sink");
sink.name = "Sink " + 1;
float speed = 2.0;
Object belt = Object.create("Conveyor");
machine.outputConnect(sink);
contextdragconnection(machine, sink, "X");
connectPorts(machine, sink);
for (int i = 0; i < 3; i++) {
    Array xs = [10, 20, 30];
    machine.setLocation(xs[i], 0, 0);
}
if (machine.name = "CNC Mill") {
    print("named");
}
int parts = Model.find("CNC Mill").stats.input.value;
double t = getmodeltime();
return;
