import Foundation
import KerasCore
import Testing

@testable import KerasFiles

@Suite struct FileInspectionTests {
  @Test func describesWeights() throws {
    #expect(
      try FileInspection(path: fixture("weights.h5")).table == """
        weights.h5: Keras weights (HDF5, by layer), 13,040 bytes
        backend: tensorflow
        keras_version: 2.2.4

        Layer        Weight                      Shape         Type     Bytes
        input_1
        conv1        conv1/kernel:0              (3, 3, 1, 4)  float32    144
                     conv1/bias:0                (4,)          float32     16
        conv1_bn     conv1_bn/gamma:0            (4,)          float32     16
                     conv1_bn/beta:0             (4,)          float32     16
                     conv1_bn/moving_mean:0      (4,)          float32     16
                     conv1_bn/moving_variance:0  (4,)          float32     16
        predictions  predictions/kernel:0        (4, 10)       float32    160
                     predictions/bias:0          (10,)         float32     40

        4 layers, 8 weights, 106 parameters, 424 bytes
        """)
  }

  @Test func describesAModel() throws {
    let facts = try FileInspection(path: fixture("model.h5"))
    #expect(
      facts.table == """
        model.h5: Keras model (HDF5), 16,272 bytes
        model_config: {"class_name": "Sequential", "config": {"padding": "xxxxxxxx… (1655 bytes)
        training_config: {"loss": "mse"}
        keras_version: 2.15.0
        backend: tensorflow

        Layer  Weight          Shape         Type     Bytes
        conv1  conv1/kernel:0  (3, 3, 1, 4)  float32    144
               conv1/bias:0    (4,)          float32     16

        1 layer, 2 weights, 40 parameters, 160 bytes

        Beside the layers' weights:
        optimizer_weights/iteration:0          ()    int64     8
        optimizer_weights/Adam/m/conv1/bias:0  (4,)  float32  16
        """)
  }

  @Test func describesWeightsByPath() throws {
    try withFile([], named: "m.weights.h5") { (path) throws in
      try StoredObjectTests.model.write(toWeightsPath: path)
      let facts = try FileInspection(path: path)
      #expect(facts.kind == .weightsByPath)
      #expect(
        facts.table.split(separator: "\n", maxSplits: 1)[1].prefix(600).split(separator: "\n").prefix(8) == [
          "Layer                       Weight  Shape     Type      Bytes",
          "layers/dense (scores)       0       (2, 300)  bfloat16  1,200",
          "                            1       (300,)    bfloat16    600",
          "layers/input_layer (input)", "layers/lstm (lstm)",
          "layers/lstm/cell            0       (2, 8)    float32      64",
          "                            1       (2, 8)    float32      64",
          "                            2       (8,)      float32      32",
        ])
      #expect(facts.otherArrays.map(\.name) == (0..<12).map { "optimizer/\($0)" })
    }
  }

  @Test func describesArchives() throws {
    try withFile([], named: "m.keras") { (path) throws in
      try KerasArchiveTests.archive.write(to: path)
      let facts = try FileInspection(path: path)
      #expect((facts.kind, facts.kerasVersion) == (.kerasArchive, "3.15.1"))
      #expect(
        facts.attributes.map { "\($0.name): \($0.value)" } == [
          "keras_version: 3.15.1", "date_saved: 2026-01-02@03:04:05",
          #"config: {"class_name": "Sequential", "config": {"name": "é", "rate":… (67 bytes)"#,
          "assets/empty: 0 bytes", "assets/string_lookup/vocabulary.txt: 5 bytes", "assets/é.txt: 1 bytes",
        ])
      let folder = URL(filePath: path).deletingLastPathComponent().path + "/folder"
      try KerasArchiveTests.archive.write(toFolder: folder)
      let same = try FileInspection(path: folder)
      #expect((same.kind, same.layers, same.attributes) == (.kerasArchive, facts.layers, facts.attributes))
    }
  }

  @Test func describesArraysAndJSON() throws {
    let arrays = try FileInspection(path: fixture("arrays.npz"))
    #expect(arrays.kind == .numpyArchive)
    #expect(
      arrays.layers.flatMap(\.weights).map { "\($0.name) \($0.shape) \($0.type)" } == [
        "fortran [2, 3, 4] >int16", "scalar [] float64", "flags [2] bool", "words [3] uint32",
      ])
    try withFile([], named: "x.npy") { (path) throws in
      try NumPy.save(Tensor(zeros: [3, 4]), to: path)
      #expect(
        try FileInspection(path: path).table == """
          x.npy: NumPy array, 176 bytes

          Layer  Weight  Shape   Type     Bytes
          /      array   (3, 4)  float32     48

          1 layer, 1 weight, 12 parameters, 48 bytes
          """)
    }
    try withFile(Array(#"  {"class_name": "Sequential", "config": {}}"#.utf8), named: "m.json") {
      (path) throws in
      #expect(
        try FileInspection(path: path).table == """
          m.json: JSON, 44 bytes
          class_name: Sequential
          config: {}
          """)
    }
  }

  @Test(arguments: [
    ("weights.h5", FileKind.legacyWeights), ("model.h5", .legacyModel), ("elsewhere.h5", .hdf5),
    ("deflated.keras", .kerasArchive), ("arrays.npz", .numpyArchive), ("objects.npy", .numpyArray),
    ("sums.json", .json),
  ])
  func kindsAreSeenInTheContents(file: String, kind: FileKind) throws {
    #expect(try FileKind(path: fixture(file)) == kind)
  }

  @Test func shardsAreReadTogether() throws {
    try withFile([], named: "m.weights.json") { (path) throws in
      let folder = URL(filePath: path).deletingLastPathComponent().path
      func write(_ index: String) throws { try index.write(toFile: path, atomically: true, encoding: .utf8) }
      var first = StoredObjectTests.model, second = StoredObjectTests.model
      first["optimizer"]?.variables.removeLast(5)
      second["layers"] = nil
      second["optimizer"]?.variables.removeFirst(7)
      try first.write(toWeightsPath: folder + "/m_00000.weights.h5")
      try second.write(toWeightsPath: folder + "/m_00001.weights.h5")
      try write(
        #"{"weight_map": {"/vars": "m_00000.weights.h5", "/optimizer/vars": ["m_00000.weights.h5", "m_00001.weights.h5"]}}"#
      )
      guard case .shards(let tree) = try StoredFile(path: path) else {
        Issue.record("not seen as an index")
        return
      }
      try expectSame(tree, StoredObjectTests.model)
      for hostile in ["../m_00000.weights.h5", "/etc/passwd", "", "a/b"] {
        try write(#"{"weight_map": {"/vars": "\#(hostile)"}}"#)
        #expect(
          message { _ = try StoredFile(path: path) } == """
            The index of weights cannot be used: /vars is not in a file beside it.
              in: m.weights.json
            """)
      }
    }
  }

  @Test func describesOtherFiles() throws {
    let facts = try FileInspection(path: fixture("elsewhere.h5"))
    #expect(facts.kind == .hdf5)
    #expect(facts.layers.map(\.name) == ["/"])
    #expect(facts.layers[0].weights.map(\.name) == ["external", "source", "virtual"])
    #expect(try FileInspection(path: fixture("chunked.h5")).weightCount == 7)
  }

  @Test func encodesWithStableKeys() throws {
    let facts = try FileInspection(path: fixture("keras1.h5"))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = String(decoding: try encoder.encode(facts), as: UTF8.self)
    #expect(
      json == """
        {"attributes":[],"bytes":5800,"file":"keras1.h5","kind":"legacy_weights","layers":[{"name":"block1_conv1",\
        "weights":[{"bytes":72,"name":"block1_conv1_W_1:0","shape":[3,3,1,2],"type":"float32"},\
        {"bytes":8,"name":"block1_conv1_b_1:0","shape":[2],"type":"float32"}]},\
        {"name":"block1_pool","weights":[]}],"other_arrays":[],"parameter_count":20,"weight_bytes":80,"weight_count":2}
        """)
    #expect(try JSONDecoder().decode(FileInspection.self, from: Data(json.utf8)) == facts)
  }
}
