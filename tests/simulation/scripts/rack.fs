Object s = Object.create("Source"); s.setProperty("InterArrivalTime", 60);
Object r = Object.create("Rack"); r.name = "HighBay"; r.setLocation(10,0,0); r.setProperty("MaxContent", 200);
Object q = Object.create("Queue"); q.setLocation(4,0,0);
Object asrs = Object.create("ASRSvehicle"); asrs.setLocation(10,-3,0);
Object k = Object.create("Sink"); k.setLocation(30,0,0);
contextdragconnection(s,q,"A"); contextdragconnection(q,r,"A"); contextdragconnection(r,k,"A");
contextdragconnection(q, asrs, "S"); contextdragconnection(r, asrs, "S");
q.setProperty("UseTransport", 1); r.setProperty("UseTransport", 1);
