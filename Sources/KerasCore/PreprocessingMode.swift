/// The arithmetic between pixels, 0…255, and what a model was trained on.
///
/// Raw values are the `mode` of `keras.applications.imagenet_utils.preprocess_input`; `unit` is what people's own
/// models are most often trained on, and `none` is for models that contain their own arithmetic. Computed in float32 in Keras' order of operations, so results are equal to
/// the last bit.
public enum PreprocessingMode: String, Hashable, Sendable, CaseIterable {
  /// Blue, green, red, each less its mean (103.939, 116.779, 123.68). VGG, ResNet.
  case caffe
  /// `x / 127.5 − 1`. MobileNet, Inception, Xception, NASNet, ResNetV2.
  case tf
  /// `(x / 255 − mean) / deviation` with ImageNet's mean and deviation of each colour. DenseNet, ResNeXt.
  case torch
  /// `x / 255`, as `ImageDataGenerator(rescale=1/255)` has it.
  case unit
  /// The identity.
  case none
}
