// What a pretrained network makes of pictures: a row of numbers for each, kept in a file that NumPy opens, and for each
// picture the one most like it.
//
//   swift run -c release extract_features FOLDER [OUTPUT.npz]
//
// The weights of MobileNetV2 come from ~/.keras/models, or are fetched into it. (`keras features` does this for millions
// of pictures; here is how.)

import Foundation
import Keras

guard CommandLine.arguments.count > 1 else {
  print("usage: extract_features FOLDER [OUTPUT.npz] [WEIGHTS.h5]")
  exit(64)
}
let words = CommandLine.arguments
let folder = words[1]
let files = try FileManager.default.contentsOfDirectory(atPath: folder)
  .filter { ["jpg", "jpeg", "png"].contains(($0 as NSString).pathExtension.lowercased()) }.sorted()
let images = try files.map { try Image(contentsOf: "\(folder)/\($0)") }

let model = try MobileNetV2(includeTop: false, weights: words.count > 3 ? .file(words[3]) : .imageNet, pooling: .average)
let features = try model.predict(model.preprocess(images))
print("\(features.shape[0]) pictures, \(features.shape[1]) numbers each")
if words.count > 2 { try NumPy.saveArchive(["features": features], to: words[2]) }

// Two pictures are alike where their features point the same way.
let directions = try Ops.normalize(features)
let likeness = try Ops.matmul(directions, Ops.transpose(directions))
for (index, file) in files.enumerated() where files.count > 1 {
  let row: [Float] = try likeness.rows(index..<index + 1).scalars()
  let others = row.indices.filter { $0 != index }
  if let nearest = others.max(by: { row[$0] < row[$1] }) { print(file, "is most like", files[nearest], row[nearest]) }
}
