Array names = ["Cut", "Drill", "Paint", "Pack"];
Array times = [5, 8.5, 12, 4];
Object prev = Object.create("Source");
prev.name = "Raw";
prev.setProperty("InterArrivalTime", 10);
for (int i = 1; i <= names.length; i++) {
    Object q = Object.create("Queue");
    q.name = "Q_" + names[i];
    q.location = Vec3(i * 10 - 4, 0, 0);
    q.setProperty("MaxContent", 5 * i);
    Object m = Object.create("Processor");
    m.name = names[i];
    m.location = Vec3(i * 10, 0, 0);
    m.setProperty("ProcessTime", times[i]);
    contextdragconnection(prev, q, "A");
    contextdragconnection(q, m, "A");
    prev = m;
}
Object s = Object.create("Sink");
s.setLocation(60, 0, 0);
contextdragconnection(prev, s, "A");
return "done";
