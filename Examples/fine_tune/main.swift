// A classifier of your own pictures, on top of what MobileNet has learned from a million others.
//
//   swift run -c release fine_tune FOLDER OUTPUT.keras [WEIGHTS.h5]
//
// FOLDER holds a folder of pictures for each class, called as the class; a fifth of them is held out. The weights of
// MobileNet (α = 0.25) come from ~/.keras/models, or are fetched into it.
// Expected: 83 % of the 48 that are held out of 243 ants and bees (the `train` of PyTorch's tutorial), in some seconds.
// (`keras finetune` does this with a report, a cache and more; here is how.)

import Foundation
import Keras

guard CommandLine.arguments.count > 2 else {
  print("usage: fine_tune FOLDER OUTPUT.keras [WEIGHTS.h5]")
  exit(64)
}
let words = CommandLine.arguments
let base = try MobileNet(alpha: 0.25, weights: words.count > 3 ? .file(words[3]) : .imageNet)
let files = try LabelledFiles(folder: words[1], formats: [".jpg", ".jpeg", ".png"], shuffleSeed: 1)

func data(_ part: LabelledFiles, shuffleSeed: UInt64?) throws -> TensorData {
  let images = try part.paths.map { try Image(contentsOf: $0) }
  return try TensorData(
    [base.preprocess(images)], [Tensor((part.labels ?? []).map { Int32($0) })], shuffleSeed: shuffleSeed)
}
let training = try data(files.subset(.training, validationShare: 0.2), shuffleSeed: 1)
let held = try data(files.subset(.validation, validationShare: 0.2), shuffleSeed: nil)
print("\(training.count) pictures to learn from, \(held.count) held out")

// First a new head alone, on features that are computed once: milliseconds for each epoch.
let names = (files.classNames ?? []).map { ClassLabel(id: $0, name: $0) }
let tuning = try FineTuning(base, labels: ClassLabels(names), seed: 1)
try tuning.trainHead(on: training, validation: held, epochs: 50)
print("head:", tuning.best["val_accuracy"] ?? .nan)

// Then the last layers below it, carefully. What measured best on the held-out pictures is kept.
try tuning.trainTop(from: "conv_dw_12", on: training, validation: held, epochs: 5, learningRate: 1e-4)
print("with the layers below it:", tuning.best["val_accuracy"] ?? .nan)

let report = try tuning.model.classificationReport(on: held)
for (name, group) in zip(names, report.classes) {
  print(name.name, "precision", group.precision, "recall", group.recall)
}
try tuning.model.save(to: words[2])
print("saved as \(words[2])")
