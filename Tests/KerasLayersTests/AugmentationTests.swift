import KerasModels
import Testing

/// Layers that change pictures at random: golden cases say what they predict, this what they refuse and keep.
@Suite struct AugmentationTests {
  /// Settings as Keras 3 writes them, of a class.
  private func layer(
    _ className: String, _ config: JSONObject, version: KerasVersion = .keras3
  ) throws(KerasError) -> Layer {
    try Layers.deserialize(["class_name": .string(className), "config": .object(config)], version: version)
  }

  @Test func saysWhatItCannotDo() throws {
    let stretch = try layer("RandomHeight", ["name": "stretch", "factor": 0.5], version: .keras2)
    let recorder = StepRecorder(isTraining: true)
    let input = recorder.input(TensorSpec([2, 4, 4, 3]))
    let error = #expect(throws: KerasError.self) { try recorder.call(stretch, on: [input]) }
    #expect(
      error?.description == """
        RandomHeight gives pictures another size at each step, which programs of known shapes cannot.
          in: stretch
          try: use RandomZoom instead; it predicts as it is.
        """)
    #expect(error?.kind == .unsupported)
  }

  @Test func keepsSettingsAsTheyCame() throws {
    let config: JSONObject = [
      "name": "shear", "trainable": true, "dtype": "float32", "x_factor": [-0.0, 0.25], "y_factor": 1,
      "fill_mode": "reflect", "seed": .null, "data_format": "channels_last",
    ]
    let written = try layer("RandomShear", config).serialized.config
    for (key, value) in config where key != "dtype" {
      #expect(written[key]?.text() == value.text(), "\(key)")
    }
    #expect(try layer("RandomShear", config).serialized.module == "keras.layers")
  }

  @Test func leavesOutWhatOnlyTFKerasKnows() throws {
    let flip = try layer("RandomFlip", ["rng_type": "stateful", "mode": "vertical"], version: .keras2)
    #expect(flip.config == ["seed": .null, "mode": "vertical"])
    #expect(flip.name == "random_flip" || flip.name.hasPrefix("random_flip_"))
  }

  @Test func namesASettingThatIsMissing() {
    let error = #expect(throws: KerasError.self) { try layer("RandomCrop", ["name": "crop", "height": 3]) }
    #expect(
      error?.description == """
        The setting `width` is missing.
          in: crop › RandomCrop
          try: give all that Keras' get_config() returns.
        """)
  }

  @Test func takesPictures() throws {
    let error = try layer("RandomHue", ["name": "hue", "factor": 0.5])(Input(shape: [4])).error
    #expect(
      error?.description
        == "RandomHue takes pictures of three or four axes, found float32(None, 4).\n  in: hue")
  }

  /// Keras 3 announces the size it would crop to, and predicts without cropping.
  @Test func cropsOnlyWhereItsKerasDoes() throws {
    let config: JSONObject = ["name": "crop", "height": 2, "width": 3]
    let picture = try Tensor((0..<24).map(Float.init), shape: [1, 4, 6, 1])
    let input = Input(shape: [nil, nil, 1])
    let new = try Model(inputs: input, outputs: layer("RandomCrop", config)(input))
    #expect(new.outputs[0].shape == [nil, 2, 3, 1])
    #expect(try new.predict(picture).scalars() == picture.scalars(as: Float.self))
    let old = try Model(inputs: input, outputs: layer("RandomCrop", config, version: .keras2)(input))
    let cropped = try old.predict(picture)
    #expect(cropped.shape == [1, 2, 3, 1])
    #expect(cropped.scalars() == [3.5, 5.5, 7.5, 15.5, 17.5, 19.5] as [Float])
  }

  /// What a file of Keras 2 meant is said where it shows, and only there.
  @Test func theOldRuleIsWrittenWhereItShows() throws {
    let config: JSONObject = ["name": "crop", "height": 2, "width": 3]
    let same = try layer("RandomCrop", config, version: .keras2)
    _ = same(Input(shape: [2, 3, 1]))
    #expect(same.config["crop_rule"] == nil)
    let other = try layer("RandomCrop", config, version: .keras2)
    _ = other(Input(shape: [4, 6, 1]))
    #expect(other.config["crop_rule"] == "keras2")
    let again = try layer("RandomCrop", other.serialized.config)
    #expect(again(Input(shape: [4, 6, 1])).shape == [nil, 2, 3, 1])
    #expect(again.serialized.config == other.serialized.config)
  }

  @Test func pipelinesHoldWeights() throws {
    let pipeline = Pipeline([Rescaling(scale: 0.5), Dense(units: 2), Dense(units: 1)], name: "p")
    #expect(pipeline(Input(shape: [3])).shape == [nil, 1])
    #expect(pipeline.children.map(\.attribute) == ["layers/rescaling", "layers/dense", "layers/dense_1"])
    #expect(pipeline.weights.count == 4)
    #expect(pipeline.weights[0].path.hasPrefix("p/"))
    try expectRoundTrip(of: pipeline, on: [nil, 3])
  }

  @Test(arguments: [
    (
      "FlaxLayer",
      "`FlaxLayer` cannot be used here: wraps a model of Flax.\n  in: l\n"
        + "  try: register a class of your own for it: Layers.register(\"FlaxLayer\") { settings in … }."
    ),
    (
      "TFSMLayer",
      "`TFSMLayer` cannot be used here: wraps a SavedModel of TensorFlow.\n  in: l\n"
        + "  try: register a class of your own for it: Layers.register(\"TFSMLayer\") { settings in … }."
    ),
  ])
  func knownClassesThatAreNotThereSaySo(_ className: String, _ message: String) {
    let error = #expect(throws: KerasError.self) { try layer(className, ["name": "l"]) }
    #expect(error?.description == message)
    #expect(error?.kind == .unsupported)
  }
}
