// two parallel lines built in a loop over arrays, with chained assignment and tests on the index
Object inputBuffer = Object.create("Source");
inputBuffer.name = "Input Buffer";
inputBuffer.setLocation(0, 0, 0);
inputBuffer.setProperty("InterArrivalTime", "Object current = ownerobject(c);\nreturn exponential(0, 10, getstream(current));");
Object outputBuffer = Object.create("Sink");
outputBuffer.name = "Output Buffer";
outputBuffer.location = Vec3(40, 0, 0);
Array classes = ["Queue", "Processor", "Combiner", "Separator"];
Array names = ["Wait Buffer", "Scanner", "Track System", "CD SEM"];
Object previousObj1;
Object previousObj2;
previousObj1 = previousObj2 = inputBuffer;
for (int i = 1; i <= classes.length; i++) {
    for (int line = 1; line <= 2; line++) {
        Object newObj = Object.create(classes[i]);
        newObj.name = names[i] + " " + string.fromNum(line);
        newObj.location.x = 8 * i;
        newObj.location.y += line == 1 ? 6 : -6;
        if (i == 1) {
            newObj.setProperty("MaxContent", 20);
            newObj.setProperty("ItemPlacement", "Stack Vertically");
            newObj.setProperty("StackBaseZ", 0.2);
        } else if (i == 2) {
            newObj.setProperty("ProcessTime", 50);
            newObj.setProperty("SetupTime", [15, "s"]);
            newObj.setProperty("MaxContent", 10);
        } else if (i == 3) {
            newObj.setProperty("CombineMode", "Pack");
        } else {
            newObj.setProperty("SeparateMode", "Split");
            newObj.setProperty("SeparateQty", 2);
            newObj.setProperty("ProcessTime", "Object current = ownerobject(c);\nreturn triangular(5, 15, 10, getstream(current));");
        }
        if (line == 1) {
            contextdragconnection(previousObj1, newObj, "A");
            previousObj1 = newObj;
        } else {
            contextdragconnection(previousObj2, newObj, "A");
            previousObj2 = newObj;
        }
    }
}
contextdragconnection(previousObj1, outputBuffer, "A");
contextdragconnection(previousObj2, outputBuffer, "A");
Object dispatcher = Object.create("Dispatcher");
dispatcher.name = "Dispatcher";
Object te1 = Object.create("TaskExecuter");
Object te2 = Object.create("TaskExecuter");
te1.name = "Task Executer 1"; te2.name = "Task Executer 2";
contextdragconnection(dispatcher, te1, "A");
contextdragconnection(dispatcher, te2, "A");
Object s1 = Model.find("Scanner 1");
contextdragconnection(s1, dispatcher, "S");
s1.setProperty("UseTransport", 1);
stoptime(hours(8));
return "ok";
