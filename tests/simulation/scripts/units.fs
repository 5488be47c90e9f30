Object s = Object.create("Source"); s.setProperty("InterArrivalTime", minutes(2));
Object p = Object.create("Processor"); p.setProperty("ProcessTime", [1.5, "min"]); p.setProperty("SetupTime", [10, "sec"]);
Object p2 = Object.create("Processor"); p2.setProperty("ProcessTime", "Object current = ownerobject(c); return minutes(normal(1.2, 0.1, getstream(current)));");
Object k = Object.create("Sink");
contextdragconnection(s,p,"A");contextdragconnection(p,p2,"A");contextdragconnection(p2,k,"A");
