Object s = Object.create("Source"); s.setProperty("InterArrivalTime", 25);
Object m1 = Object.create("Processor"); m1.name="CNC1"; m1.setLocation(4,0,0); m1.setProperty("ProcessTime", "Object current = ownerobject(c); return lognormalmeanstdev(20, 4, getstream(current));");
Object m2 = Object.create("Processor"); m2.name="CNC2"; m2.setLocation(8,0,0); m2.setProperty("ProcessTime", "Object current = ownerobject(c); return weibull(0, 20, 2.5, getstream(current));");
Object r = Object.create("Robot"); r.setLocation(6,2,0); r.setProperty("LoadTime", 2); r.setProperty("UnloadTime", 2);
Object k = Object.create("Sink"); k.setLocation(12,0,0);
contextdragconnection(s,m1,"A");contextdragconnection(m1,m2,"A");contextdragconnection(m2,k,"A");
contextdragconnection(m1,r,"S"); m1.setProperty("UseTransport", 1);
