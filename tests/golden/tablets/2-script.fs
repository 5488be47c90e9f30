// solid dose line: one technician must be present at two machines
string header = "Object current = ownerobject(c);\nObject item = param(1);\n";
Array names = ["Granulate Drums", "Weighing Queue", "Blender", "Tablet Press", "Film Coater", "Blister Packer", "Finished Goods"];
Array classes = ["Source", "Queue", "Processor", "Processor", "Processor", "Processor", "Sink"];
Array objects = [];
for (int i = 1; i <= names.length; i++) {
    Object made = Object.create(classes[i]);
    made.name = names[i];
    made.setLocation(8 * (i - 1), 0, 0, 0.5, 0.5, 0);
    if (i > 1)
        contextdragconnection(objects[i - 1], made, "A");
    objects.push(made);
}
Model.find("Granulate Drums").as(Object).setProperty("InterArrivalTime", header + "return uniform(500, 700, getstream(current));");
Model.find("Weighing Queue").as(Object).setProperty("MaxContent", 8);
Object blender = Model.find("Blender");
blender.setProperty("ProcessTime", header + "return lognormal2(0, 536.7, 0.11077, getstream(current));");   // mean 540 s, deviation 60 s
Object press = Model.find("Tablet Press");
press.setProperty("ProcessTime", header + "return gamma(0, 120, 4, getstream(current));");
Object coater = Model.find("Film Coater");
coater.setProperty("ProcessTime", header + "return normal(480, 30, getstream(current));");
coater.setProperty("SetupTime", [20, "min"]);
Object packer = Model.find("Blister Packer");
packer.setProperty("ProcessTime", [420, "s"]);
Object technician = Object.create("Operator");
technician.name = "QA Technician";
technician.setLocation(28, -5, 0, 0.5, 0.5, 0);
Array attended = [press, coater];
for (int i = 1; i <= attended.length; i++) {
    Object machine = attended[i];
    contextdragconnection(machine, technician, "S");
    machine.setProperty("UseProcessOperators", 1);
    machine.setProperty("NumProcessOperators", 1);
}
stoptime(hours(16));
