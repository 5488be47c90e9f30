Object s = Object.create("Source"); s.name = "In"; s.setProperty("InterArrivalTime","Object current = ownerobject(c); return exponential(0, 30, getstream(current));");
Object q = Object.create("Queue"); q.name = "Q";
Object t = Object.create("Processor"); t.name = "Test"; t.setProperty("ProcessTime", 20);
Object ok = Object.create("Sink"); ok.name = "Good";
Object bad = Object.create("Processor"); bad.name = "Rework"; bad.setProperty("ProcessTime", 40);
q.location = Vec3(5,0,0); t.location = Vec3(10,0,0); ok.location = Vec3(20,0,0); bad.location = Vec3(10,-6,0);
contextdragconnection(s,q,"A"); contextdragconnection(q,t,"A"); contextdragconnection(t,ok,"A"); contextdragconnection(t,bad,"A"); contextdragconnection(bad,q,"A");
t.setProperty("SendToPort", "/**By Percentage*/\nObject current = ownerobject(c);\nObject item = param(1);\nint curport = 1;\nreturn bernoulli(90, 1, 2, getstream(current));");
