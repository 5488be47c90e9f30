/* CMP module with repolish: 7 % go back to the stocker; one vehicle carries from the stocker to the polisher */
Object arrival = Object.create("Source");
Object stocker = Object.create("Queue");
Object polisher = Object.create("Processor");
Object clean = Object.create("Processor");
Object metrology = Object.create("Processor");
Object next = Object.create("Sink");
Object vehicle = Object.create("TaskExecuter");
arrival.name = "FOUP Arrival";
stocker.name = "Stocker";
polisher.name = "CMP Polisher";
clean.name = "Post CMP Clean";
metrology.name = "Thickness Metrology";
next.name = "Next Module";
vehicle.name = "OHT Vehicle AGV";
arrival.location = Vec3(0, 0, 0);
stocker.location = Vec3(8, 0, 0);
polisher.location = Vec3(18, 0, 0);
clean.location = Vec3(26, 0, 0);
metrology.location = Vec3(26, -9, 0);
next.location = Vec3(36, -9, 0);
vehicle.location = Vec3(13, 5, 0);
arrival.setProperty("InterArrivalTime", "return exponential(0, minutes(10), getstream(ownerobject(c)));");
stocker.setProperty("MaxContent", 100);
polisher.setProperty("ProcessTime", "return normal(500, 40, getstream(ownerobject(c)));");
clean.setProperty("ProcessTime", 240);
metrology.setProperty("ProcessTime", "return triangular(90, 180, 120, getstream(ownerobject(c)));");
contextdragconnection(arrival, stocker, "A");
contextdragconnection(stocker, polisher, "A");
contextdragconnection(polisher, clean, "A");
contextdragconnection(clean, metrology, "A");
contextdragconnection(metrology, next, "A");      // port 1
contextdragconnection(metrology, stocker, "A");   // port 2
metrology.setProperty("SendToPort", "return bernoulli(93, 1, 2, getstream(ownerobject(c)));");
contextdragconnection(stocker, vehicle, "S");
stocker.setProperty("UseTransport", 1);
stoptime(days(1));
