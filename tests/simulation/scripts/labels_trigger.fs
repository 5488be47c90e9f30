Object s = Object.create("Source"); s.name = "S";
s.setProperty("Triggers.OnCreation", "Object current = ownerobject(c);\nObject item = param(1);\nint rownumber = param(2);\nitem.Type = duniform(1, 3, getstream(current));\nitem.color = Color.byNumber(item.Type);");
s.setProperty("InterArrivalTime", "Object current = ownerobject(c);\nreturn exponential(0, 10, getstream(current));");
Object q = Object.create("Queue"); q.name = "Q"; q.setLocation(5,0,0);
q.setProperty("SendToPort", "Object item = param(1);\nObject current = ownerobject(c);\nreturn item.Type;");
Object k = Object.create("Sink"); k.setLocation(20,0,0); 
contextdragconnection(s, q, "A");
for (int i = 1; i <= 3; i++) {
  Object p = Object.create("Processor");
  p.name = "P" + string.fromNum(i);
  p.setLocation(12, 6 - 3*i, 0);
  p.setProperty("ProcessTime", "Object current = ownerobject(c);\nObject item = param(1);\nreturn item.Type == 2 ? normal(20, 2, getstream(current)) : 15;");
  contextdragconnection(q, p, "A");
  contextdragconnection(p, k, "A");
}
